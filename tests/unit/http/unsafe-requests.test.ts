import { describe, expect, it } from "vitest";
import { guardUnsafeRequests } from "../../../app/lib/http/unsafe-requests";
import { serve } from "./support";

const ORIGIN = "https://libero.example.com";
const open = () => serve(guardUnsafeRequests({ origin: ORIGIN, exempt: ["/install", "/uninstall"] }));
const OURS = { "sec-fetch-site": "same-origin", origin: ORIGIN };

describe("R25: who may change something", () => {
  it.each([
    ["our own page", OURS],
    ["our own page, Origin withheld", { "sec-fetch-site": "same-origin", origin: "null" }],
    ["our own page in a browser without Fetch Metadata", { origin: ORIGIN }],
  ])("%s", async (_who, headers) => {
    const send = await open();
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      expect((await send(method, "/logout", headers as never)).status, method).toBe(200);
    }
  });

  it.each([
    ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["another site that names our origin", { "sec-fetch-site": "cross-site", origin: ORIGIN }],
    [
      "another app on a host beside ours",
      { "sec-fetch-site": "same-site", origin: "https://other.example.com" },
    ],
    ["no page at all", { "sec-fetch-site": "none" }],
    ["Fetch Metadata said twice", { "sec-fetch-site": "same-origin, cross-site", origin: ORIGIN }],
    ["Fetch Metadata in capitals", { "sec-fetch-site": "Same-Origin", origin: ORIGIN }],
    ["empty Fetch Metadata", { "sec-fetch-site": "", origin: ORIGIN }],
    ["an older browser on another site", { origin: "https://evil.example" }],
    ["our host over plain http", { origin: "http://libero.example.com" }],
    ["our host on another port", { origin: "https://libero.example.com:8443" }],
    ["a host that begins like ours", { origin: `${ORIGIN}.evil.example` }],
    ["an opaque origin", { origin: "null" }],
    ["a program that says nothing", {}],
  ])("not %s", async (_who, headers) => {
    const send = await open();
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { status, body } = await send(method, "/logout", headers as never);
      expect(status, method).toBe(403);
      expect(body).toMatch(/did not come from one of Libero's pages/);
    }
  });

  it("a method that nobody knows is no safe one", async () => {
    const send = await open();
    expect((await send("PROPFIND", "/app")).status).toBe(403);
    expect((await send("PURGE", "/app")).status).toBe(403);
  });

  it.each(["GET", "HEAD", "OPTIONS"])("%s changes nothing and is anybody's", async (method) => {
    const send = await open();
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect((await send(method, "/app", foreign)).status).toBe(200);
  });
});

describe("webhooks carry no cookie and check their own body", () => {
  it.each(["/install", "/uninstall", "/install?from=commerce7"])("POST %s is let through", async (path) => {
    const send = await open();
    expect((await send("POST", path)).status).toBe(200);
    expect((await send("POST", path, { "transfer-encoding": "chunked" }, "{}")).status).toBe(200);
  });

  it.each([
    "/install/",
    "/install.data",
    "/install/x",
    "/INSTALL",
    "//install",
    "/logout?/install",
    "/%69nstall",
  ])("POST %s is none", async (path) => {
    expect((await (await open())("POST", path)).status).toBe(403);
  });
});

it("what was let through names no origin any more: Remix would compare it with a Host that proxies rewrite", async () => {
  const send = await serve(
    guardUnsafeRequests({ origin: ORIGIN, exempt: ["/install"] }),
    (req, res) => void res.json({ origin: req.headers.origin ?? null }),
  );
  for (const [method, path] of [
    ["POST", "/settings"],
    ["GET", "/app.data"],
    ["HEAD", "/app.data"],
    ["POST", "/install"],
  ] as const) {
    const { status, body } = await send(method, path, OURS);
    expect([method, path, status, body || "{}"]).toEqual([
      method,
      path,
      200,
      method === "HEAD" ? "{}" : '{"origin":null}',
    ]);
  }
});

describe("forms that no page of ours sends", () => {
  it("413: more than 64 KiB, before a byte of it is read", async () => {
    const send = await open();
    expect(
      (await send("POST", "/settings", { ...OURS, "content-length": "65536" }, "x".repeat(65_536))).status,
    ).toBe(200);
    const { status, body } = await send("POST", "/settings", { ...OURS, "content-length": "65537" });
    expect(status).toBe(413);
    expect(body).toMatch(/65536 bytes/);
  });

  it("411: of unknown length", async () => {
    const send = await open();
    const { status, body } = await send(
      "POST",
      "/settings",
      { ...OURS, "transfer-encoding": "chunked" },
      "a=b",
    );
    expect(status).toBe(411);
    expect(body).toMatch(/Content-Length/);
  });

  it("403 comes first: a stranger is told nothing of the limits", async () => {
    const send = await open();
    expect((await send("POST", "/settings", { "content-length": "65537" })).status).toBe(403);
  });
});
