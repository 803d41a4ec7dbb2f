import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { type CookieAttributes, createSessionCookie } from "../../../app/lib/sessions/cookie";
import { newToken } from "../../../app/lib/sessions/token";
import { aCookie, ENCRYPTION_SECRET, NAME, SECRET } from "./support";

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

describe("C3: what is configured is what is written", () => {
  const written = (changes: CookieAttributes) =>
    attributes(aCookie({ attributes: changes }).write(newToken(), 60));

  it.each([
    ["lax", "SameSite=Lax"],
    ["strict", "SameSite=Strict"],
  ] as const)("SameSite %s", (sameSite, attribute) => {
    expect(written({ sameSite })).toEqual(["HttpOnly", "Max-Age=60", "Path=/", attribute]);
  });

  it("its path and domain, in the cookie and in its removal", () => {
    const changes = { sameSite: "strict", secure: true, path: "/libero", domain: "example.com" } as const;
    const places = ["Domain=example.com", "HttpOnly", "Path=/libero", "SameSite=Strict", "Secure"];
    expect(written(changes)).toEqual([...places, "Max-Age=60"].sort());
    expect(attributes(aCookie({ attributes: changes }).clear())).toEqual([...places, "Max-Age=0"].sort());
  });

  it("its name", () => {
    const cookie = aCookie({ name: "staff" });
    const token = newToken();
    expect(cookie.write(token, 60)).toMatch(/^staff=/);
    expect(cookie.read(cookie.write(token, 60).split(";")[0])).toMatchObject([token]);
    expect(cookie.clear()).toMatch(/^staff=;/);
  });
});

it("R21, R23: SameSite and Path are always written, whatever is left open", () => {
  for (const attributes_ of [{}, { sameSite: undefined, path: undefined, domain: undefined }]) {
    const written = attributes(aCookie({ attributes: attributes_ }).write(newToken(), 60));
    expect(written).toEqual(["HttpOnly", "Max-Age=60", "Path=/", "SameSite=Lax"]);
  }
});

it.each<[string, CookieAttributes]>([
  ["SameSite=None", { sameSite: "none", secure: false }],
  ["SameSite=None, where nothing is said of Secure", { sameSite: "none" }],
  ["Partitioned", { sameSite: "lax", partitioned: true }],
])("R19, R21: what browsers refuse without Secure is not made: %s", (_what, attributes) => {
  expect(() => aCookie({ attributes })).toThrow(ConfigurationError);
  expect(() => aCookie({ attributes })).toThrow("serve over https");
  expect(() => aCookie({ attributes: { ...attributes, secure: true } })).not.toThrow();
});

it.each([
  ["__Host-session", { sameSite: "lax", secure: false }, "serve over https"],
  ["__Secure-session", { sameSite: "lax", secure: false }, "serve over https"],
  ["__Host-session", { sameSite: "lax", secure: true, domain: "example.com" }, "without a domain"],
  ["__Host-session", { sameSite: "lax", secure: true, path: "/app" }, "with the path /"],
] as const)("R19: a %s cookie that browsers refuse is not made: %j", (name, attributes, mend) => {
  expect(() => aCookie({ name, attributes })).toThrow(mend);
  expect(() => aCookie({ name, attributes: { sameSite: "lax", secure: true } })).not.toThrow();
});

describe("R22: a cookie that browsers would drop for its size is not made", () => {
  const at = (pathLength: number, encryptionSecrets: string[] = []) =>
    aCookie({ attributes: { path: "/".padEnd(pathLength, "p") }, encryptionSecrets });
  // 256 are kept free for the value, of which there is none in the removal.
  const longest = 4_096 - 256 - (at(1).clear().length - 1);

  it("one byte too long", () => {
    expect(() => at(longest + 1)).toThrow(ConfigurationError);
    expect(() => at(longest + 1)).toThrow("at most 4096 bytes: shorten its name, path or domain");
    expect(() => aCookie({ name: "n".repeat(4_000) })).toThrow(ConfigurationError);
  });

  it("and the longest that is made is not too long, signed or encrypted", () => {
    for (const cookie of [at(longest), at(longest, [ENCRYPTION_SECRET])]) {
      expect(Buffer.byteLength(cookie.write(newToken(), 34_560_000))).toBeLessThanOrEqual(4_096);
    }
  });
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
