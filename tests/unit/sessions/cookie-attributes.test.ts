import { expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { createSessionCookie } from "../../../app/lib/sessions/cookie";
import { newToken } from "../../../app/lib/sessions/token";
import { aCookie, NAME, SECRET } from "./support";

/** The attributes of a Set-Cookie value, in any order. */
const attributes = (setCookie: string) => setCookie.split("; ").slice(1).sort();

it("R19, R20, R21, R23: over https, Secure, HttpOnly, SameSite=None, Partitioned, Path=/ and no Domain", () => {
  expect(attributes(aCookie().write(newToken(), 28_800))).toEqual(
    ["HttpOnly", "Max-Age=28800", "Partitioned", "Path=/", "SameSite=None", "Secure"].sort(),
  );
});

it("R20, R21, R23: over plain http, HttpOnly, SameSite=Lax and Path=/", () => {
  const plain = createSessionCookie({
    name: NAME,
    secrets: [SECRET],
    attributes: { sameSite: "lax", secure: false },
  });
  expect(attributes(plain.write(newToken(), 60))).toEqual(
    ["HttpOnly", "Max-Age=60", "Path=/", "SameSite=Lax"].sort(),
  );
});

it("A6: it is removed with the attributes it was set with, or browsers keep it", () => {
  const cookie = aCookie();
  const cleared = cookie.clear();
  expect(cleared.split(";")[0]).toBe(`${NAME}=`);
  expect(attributes(cleared)).toEqual(
    attributes(cookie.write(newToken(), 28_800)).map((one) => (one === "Max-Age=28800" ? "Max-Age=0" : one)),
  );
});

it("R22: name, value and attributes stay far below 4,096 bytes", () => {
  const setCookie = aCookie().write(newToken(), 2_592_000);
  expect(Buffer.byteLength(setCookie)).toBeLessThan(300);
  expect(setCookie).toMatch(/^__libero_session=[\w.-]{124};/);
});

it("R24: the value is id, secret and signature, and nothing about the person", () => {
  const { id, secret } = newToken();
  const [value = ""] = aCookie().write({ id, secret }, 60).split(";");
  expect(value).toMatch(new RegExp(`^${NAME}=${id}\\.${secret}\\.[\\w-]{43}$`));
});

it.each([
  ["none", []],
  ["a short one", ["x".repeat(31)]],
  ["a short one after a good one", [SECRET, "short"]],
])("R2: is not made with %s of the secrets it needs", (_what, secrets) => {
  expect(() => aCookie({ secrets })).toThrow(ConfigurationError);
});
