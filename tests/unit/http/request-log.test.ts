import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { requestLog } from "../../../app/lib/http/request-log";
import { serve } from "./support";

/** An app that logs its requests, and the lines it wrote. */
async function openLoggingApp() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const fail = (path: string) => path === "/fails";
  const send = await serve(requestLog(pino(stream)), (req, res, next) => {
    if (fail(req.path)) return void res.status(500).end();
    next();
  });
  return { send, lines };
}

it("R29: one line a request: method, path, status and time", async () => {
  const { send, lines } = await openLoggingApp();
  await send("POST", "/logout");
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: 30,
    req: { method: "POST", path: "/logout" },
    res: { status: 200 },
    responseTime: expect.any(Number),
  });
});

it("R26, R29: no query, no header and no cookie, for they may hold a token", async () => {
  const { send, lines } = await openLoggingApp();
  const headers = {
    cookie: "a=hunter2",
    authorization: "Basic hunter2",
    referer: "http://x/?account=hunter2",
  };
  await send("GET", "/app?tenantId=old-oak&account=hunter2", headers);
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).not.toContain("hunter2");
  expect(JSON.parse(lines[0] ?? "").req).toEqual({ method: "GET", path: "/app" });
});

it("a fault of ours is an error in the log", async () => {
  const { send, lines } = await openLoggingApp();
  await send("GET", "/fails");
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 50, res: { status: 500 } });
});

it("health checks leave no line", async () => {
  const { send, lines } = await openLoggingApp();
  for (const path of ["/healthz", "/readyz", "/app"]) await send("GET", path);
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).toContain('"/app"');
});
