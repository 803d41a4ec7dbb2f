import { afterEach, describe, expect, it } from "vitest";
import { type Wiring, wire } from "../../app/lib/wiring.server";
import { envOf, PRODUCTION } from "./env/support";

let wired: Wiring | undefined;
afterEach(() => wired?.stop());

async function setCookieWith(variables: Record<string, string | undefined>) {
  wired = wire(envOf({ LOG_LEVEL: "silent", ...variables }));
  const session = await wired.cookieSessions.getSession();
  session.set("theme", "dark");
  return wired.cookieSessions.commitSession(session);
}

const SETTINGS = ["Max-Age=31536000", "Path=/", "HttpOnly", "SameSite=Lax"];

describe("B1: sessionStorage has trigger.dev's settings", () => {
  it.each([
    ["production", PRODUCTION, [...SETTINGS, "Secure"]],
    ["development", {}, SETTINGS],
  ])("in %s", async (_mode, variables, settings) => {
    const [pair, ...attributes] = (await setCookieWith(variables)).split("; ");
    expect(pair).toMatch(/^__session=/);
    expect(attributes.sort()).toEqual([...settings].sort());
  });

  it("SESSION_ENCRYPTION_KEY encrypts it", async () => {
    const content = (setCookie: string) =>
      Buffer.from(setCookie.slice("__session=".length), "base64").toString();
    expect(content(await setCookieWith({}))).toContain("dark");
    await wired?.stop();
    const encrypted = await setCookieWith({ SESSION_ENCRYPTION_KEY: `${"k".repeat(20)}0123456789abcdef` });
    expect(content(encrypted)).not.toContain("dark");
  });
});

it("importing the door opens nothing, and reads no environment", async () => {
  const before = process.env.SESSION_SECRET;
  process.env.SESSION_SECRET = "short";
  try {
    const door = await import("../../app/lib/session-storage.server");
    expect(Object.keys(door).sort()).toEqual([
      ...["commitSession", "destroySession", "getSession", "getUserSession", "sessionStorage"],
    ]);
    expect(() => door.getUserSession(new Request("http://a.example/"))).toThrow(/SESSION_SECRET/);
  } finally {
    if (before === undefined) delete process.env.SESSION_SECRET;
    else process.env.SESSION_SECRET = before;
  }
});
