import { describe, expect, it } from "vitest";
import { securityHeaders } from "../../../app/lib/http/security-headers";
import { serve } from "./support";

const OPTIONS = {
  frameAncestors: ["https://*.commerce7.com"],
  scriptUrl: "https://dev-center.platform.commerce7.com/v2/commerce7.js",
  https: true,
  develop: false,
};

async function answered(
  changes: Partial<typeof OPTIONS> = {},
  path = "/app",
  sent: Record<string, string> = {},
) {
  const send = await serve(...securityHeaders({ ...OPTIONS, ...changes }));
  const { headers, body } = await send("GET", path, sent);
  return { headers, nonce: JSON.parse(body).nonce as string };
}

/** The policy's directives by name. */
const policyOf = (headers: Record<string, unknown>) =>
  Object.fromEntries(
    String(headers["content-security-policy"])
      .split(";")
      .map((directive) => directive.split(" "))
      .map(([name, ...sources]) => [name, sources]),
  );

it("the policy allows our own files, the platform's script, inline scripts with the nonce, and nothing else", async () => {
  const { headers, nonce } = await answered();
  expect(policyOf(headers)).toEqual({
    "default-src": ["'self'"],
    "script-src": ["'self'", "https://dev-center.platform.commerce7.com", `'nonce-${nonce}'`],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["https://*.commerce7.com"],
  });
});

it("frame-ancestors alone says who may frame the app: there is no X-Frame-Options", async () => {
  expect((await answered()).headers).not.toHaveProperty("x-frame-options");
});

it("in development the sandbox may frame it too", async () => {
  const frameAncestors = ["https://*.commerce7.com", "http://127.0.0.1:3100"];
  const { headers } = await answered({ frameAncestors, scriptUrl: "http://127.0.0.1:3100/v2/commerce7.js" });
  expect(policyOf(headers)["frame-ancestors"]).toEqual(frameAncestors);
  expect(policyOf(headers)["script-src"]).toContain("http://127.0.0.1:3100");
});

it("the development server may inject styles and open its WebSocket", async () => {
  const policy = policyOf((await answered({ develop: true })).headers);
  expect(policy["style-src"]).toEqual(["'self'", "'unsafe-inline'"]);
  expect(policy["connect-src"]).toEqual(["'self'", "ws:"]);
  expect(policy["script-src"]).not.toContain("'unsafe-inline'");
});

it("every answer has a nonce of its own, of 128 bits", async () => {
  const send = await serve(...securityHeaders(OPTIONS));
  const nonces = await Promise.all(
    Array.from({ length: 20 }, async () => JSON.parse((await send("GET", "/")).body).nonce),
  );
  expect(new Set(nonces).size).toBe(20);
  for (const nonce of nonces) expect(Buffer.from(nonce, "base64url")).toHaveLength(16);
});

it("R27: HSTS for a year over https, and none over http", async () => {
  expect((await answered()).headers["strict-transport-security"]).toBe("max-age=31536000");
  expect((await answered({ https: false })).headers).not.toHaveProperty("strict-transport-security");
});

it("types are not guessed; the referrer is each page's own business", async () => {
  const { headers } = await answered();
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers).not.toHaveProperty("referrer-policy");
});

describe("R27: the platform's script", () => {
  const PLATFORM = "https://dev-center.platform.commerce7.com";
  const allows = async (path: string, sent: Record<string, string> = {}) =>
    policyOf((await answered({}, path, sent)).headers)["script-src"]?.includes(PLATFORM);

  it.each(["/app", "/devices", "/settings", "/app?orderId=7"])(
    "may run in the admin's frame on %s",
    async (path) => {
      expect(await allows(path, { "sec-fetch-dest": "iframe" })).toBe(true);
      expect(await allows(path)).toBe(true);
      expect(await allows(path, { "sec-fetch-dest": "document" })).toBe(false);
    },
  );

  it.each([
    ...["/", "/login", "/operator", "/magic", "/magic?token=x", "/app?tenantId=old-oak&account=x"],
    ...["/app?account=x", "/devices?token=x", "/nowhere", "/install"],
  ])("never on %s", async (path) => {
    expect(await allows(path, { "sec-fetch-dest": "iframe" })).toBe(false);
    expect(await allows(path)).toBe(false);
  });
});

it("what pages do not use, no script may use either", async () => {
  const policy = String((await answered()).headers["permissions-policy"]).split(", ");
  for (const feature of ["camera", "geolocation", "microphone", "payment", "usb"]) {
    expect(policy).toContain(`${feature}=()`);
  }
});
