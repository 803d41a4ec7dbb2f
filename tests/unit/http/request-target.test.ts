import { connect } from "node:net";
import { text } from "node:stream/consumers";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { normalizeTarget } from "../../../app/lib/http/request-target";

const PATHS = ["/install", "/uninstall", "/app", "/readyz"];

/** What an app sees of a request of these lines. */
async function seen(...lines: string[]) {
  const app = express();
  app.set("trust proxy", true);
  app.use(normalizeTarget(PATHS));
  app.use((req, res) => {
    const { path, originalUrl, hostname, protocol } = req;
    res.json({ path, originalUrl, hostname, protocol });
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  socket.write(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  const answer = await text(socket);
  const status = Number(answer.split(" ")[1]);
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  return status === 200 ? { status, ...JSON.parse(body) } : { status, body };
}
const get = (target: string, ...headers: string[]) =>
  seen(`GET ${target} HTTP/1.1`, "Host: libero.example", ...headers);

describe("one path for guards, log and router", () => {
  it.each([
    ["/install", "/install"],
    ["/install/", "/install"],
    ["/install//", "/install"],
    ["/Install", "/install"],
    ["/INSTALL/?a=B", "/install"],
    ["/%69nstall", "/install"],
    ["/uninstall/", "/uninstall"],
    ["/Readyz", "/readyz"],
    ["/", "/"],
    ["//install", "//install"],
    ["/install.data", "/install.data"],
    ["/install/x", "/install/x"],
    ["/assets/Entry-AbC.js", "/assets/Entry-AbC.js"],
    ["/%E0%A4%A", "/%E0%A4%A"],
    ["/nowhere/", "/nowhere/"],
  ])("%s is %s", async (target, path) => {
    const query = target.includes("?") ? target.slice(target.indexOf("?")) : "";
    expect(await get(target)).toMatchObject({ status: 200, path, originalUrl: `${path}${query}` });
  });
});

describe("RFC 9112, 3.2.2: a target in absolute form", () => {
  it.each([
    ["http://other.example/app?a=b", "other.example", "/app?a=b"],
    ["HTTPS://other.example:8443/Install/", "other.example", "/install"],
    ["http://other.example", "other.example", "/"],
    ["http://other.example?a=b", "other.example", "/?a=b"],
  ])("%s: the authority takes the place of Host", async (target, hostname, originalUrl) => {
    expect(await get(target)).toMatchObject({ status: 200, hostname, originalUrl });
  });
});

it.each(["HTTPS", "Https", "HTTPS, http"])("X-Forwarded-Proto: %s is https", async (proto) => {
  expect(await get("/app", `X-Forwarded-Proto: ${proto}`)).toMatchObject({ status: 200, protocol: "https" });
});

describe("refused, in a sentence", () => {
  it("400: two Host headers, which a proxy may read otherwise than we do", async () => {
    const twice = await get("/app", "host: evil.example");
    expect(twice).toEqual({ status: 400, body: "Refused: a request has one Host header.\n" });
    expect((await get("/app", "Host: libero.example")).status).toBe(400);
  });

  it("414: a path that is longer or deeper than any of ours; a query may be longer", async () => {
    expect((await get(`/${"a".repeat(2_047)}`)).status).toBe(200);
    expect(await get(`/${"a".repeat(2_048)}`)).toMatchObject({
      status: 414,
      body: expect.stringContaining("2048 bytes"),
    });
    expect((await get("/a".repeat(32))).status).toBe(200);
    expect(await get("/a".repeat(33))).toMatchObject({
      status: 414,
      body: expect.stringContaining("32 parts"),
    });
    expect((await get(`/app?${"a=b&".repeat(3_000)}`)).status).toBe(200);
  });
});
