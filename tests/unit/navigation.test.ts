import { describe, expect, it } from "vitest";
import { navigationOf } from "../../app/lib/navigation.server";

const navigation = (headers: Record<string, string>, method = "GET", isDataRequest = false) =>
  navigationOf(new Request("http://localhost/app?tenantId=a&account=b", { method, headers }), {
    isDataRequest,
  });

describe("R3: what may sign someone in", () => {
  it.each([
    ["frame", { "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site" }],
    ["frame", { "sec-fetch-dest": "frame", "sec-fetch-mode": "navigate" }],
    ["top-level", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" }],
    ["unknown", {}],
    ["unknown", { "sec-fetch-mode": "cors" }],
  ])("a navigation: %s", (kind, headers) => {
    expect(navigation(headers as Record<string, string>)).toBe(kind);
  });

  it.each([
    ["an image", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" }],
    ["a script", { "sec-fetch-dest": "script" }],
    ["a stylesheet", { "sec-fetch-dest": "style" }],
    ["a fetch", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" }],
    ["an object or embed", { "sec-fetch-dest": "embed", "sec-fetch-mode": "navigate" }],
    ["a document that is fetched", { "sec-fetch-dest": "document", "sec-fetch-mode": "no-cors" }],
    ["a prefetch", { "sec-purpose": "prefetch", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" }],
    ["a prerender", { "sec-purpose": "prefetch;prerender" }],
    ["an older prefetch", { purpose: "prefetch" }],
    ["Safari's preview", { "x-purpose": "preview" }],
    ["Firefox's prefetch", { "x-moz": "prefetch" }],
  ])("not %s", (_what, headers) => {
    expect(navigation(headers as Record<string, string>)).toBeUndefined();
  });

  it("nor HEAD, another method, or a script's request for data", () => {
    for (const method of ["HEAD", "POST"]) expect(navigation({}, method)).toBeUndefined();
    expect(navigation({}, "GET", true)).toBeUndefined();
  });
});
