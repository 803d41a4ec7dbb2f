import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { currentRequestId } from "../../../app/lib/base/request-context";
import { requestId } from "../../../app/lib/http/request-id";
import { requestLog } from "../../../app/lib/http/request-log";
import { serve } from "./support";

/** An app that logs on behalf of its requests, and the lines that it wrote. */
async function open(trustProxy = false) {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const logger = pino({ mixin: () => ({ requestId: currentRequestId() }) }, stream);
  const send = await serve(requestId(trustProxy), requestLog(logger), async (_req, _res, next) => {
    await new Promise((resolve) => setImmediate(resolve));
    logger.info("on its behalf");
    next();
  });
  return { send, lines };
}

it("G4: each request has an id: in its answer, and in every line that is logged for it, once", async () => {
  const { send, lines } = await open();
  const answers = await Promise.all(Array.from({ length: 5 }, () => send("GET", "/app")));
  const ids = answers.map(({ headers }) => headers["x-request-id"]);
  expect(new Set(ids).size).toBe(5);
  for (const id of ids) expect(id).toMatch(/^[0-9A-F]{12}$/);
  await expect.poll(() => lines).toHaveLength(10);
  for (const id of ids) {
    expect(lines.filter((line) => line.requestId === id).map(({ msg }) => msg)).toEqual([
      "on its behalf",
      "request completed",
    ]);
  }
});

it("G4: an id that a trusted proxy gave is kept; a stranger's, or one that is none, is not", async () => {
  const given = { "x-request-id": "c0ffee-1234:7" };
  expect((await (await open(true)).send("GET", "/", given)).headers["x-request-id"]).toBe("c0ffee-1234:7");
  expect((await (await open()).send("GET", "/", given)).headers["x-request-id"]).toMatch(/^[0-9A-F]{12}$/);
  for (const bad of ["short", "x".repeat(129), "a b c d e f", '"><script>'])
    expect(
      (await (await open(true)).send("GET", "/", { "x-request-id": bad })).headers["x-request-id"],
    ).toMatch(/^[0-9A-F]{12}$/);
});

it("what runs on behalf of no request has none", () => {
  expect(currentRequestId()).toBeUndefined();
});
