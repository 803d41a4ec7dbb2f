import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { encryptingSeal, signingSeal } from "../../../app/lib/sessions/cookie-seal";
import { newToken } from "../../../app/lib/sessions/token";
import { aCookie, ENCRYPTION_SECRET, NAME, SECRET, sentBack } from "./support";

const OTHER = "second-encryption-key-of-thirty-two-or-more";
const encrypted = (...encryptionSecrets: string[]) => aCookie({ encryptionSecrets });

const cookie = encrypted(ENCRYPTION_SECRET);
const token = newToken();
const pair = sentBack(cookie.write(token, 60));
const value = pair.slice(NAME.length + 1);

it("C3: reads back what it wrote", () => {
  expect(cookie.read(pair)).toMatchObject([token]);
  expect(cookie.read(`a=b; ${pair}; c=d`)).toMatchObject([token]);
});

it("R24: neither id nor secret can be read in it", () => {
  expect(value).toMatch(/^e1\.[\w-]{144}$/);
  const decoded = Buffer.from(value.slice(3), "base64url").toString("latin1");
  for (const text of [value, decoded]) {
    expect(text).not.toContain(token.id);
    expect(text).not.toContain(token.id.slice(0, 8));
    expect(text).not.toContain(token.secret.slice(0, 8));
  }
});

it("R22: stays far below 4,096 bytes", () => {
  expect(Buffer.byteLength(cookie.write(token, 2_592_000))).toBeLessThan(300);
});

it("R24: two cookies of one session do not look alike", () => {
  expect(sentBack(cookie.write(token, 60))).not.toBe(pair);
});

it("is removed like any other", () => {
  expect(cookie.clear()).toBe(aCookie().clear());
});

describe("R33: nobody is signed out", () => {
  it("when encryption is turned on: cookies that were only signed are still read", () => {
    expect(cookie.read(sentBack(aCookie().write(token, 60)))).toMatchObject([token]);
  });

  it("when its secret is replaced: the old one still opens, the first one seals", () => {
    const rotated = encrypted(OTHER, ENCRYPTION_SECRET);
    expect(rotated.read(pair)).toMatchObject([token]);
    const fresh = sentBack(rotated.write(token, 60));
    expect(encrypted(OTHER).read(fresh)).toMatchObject([token]);
    expect(cookie.read(fresh)).toEqual([]);
  });

  it("when the signing secret is replaced as well", () => {
    const secrets = ["another-signing-key-of-thirty-two-or-more", SECRET];
    const rotated = aCookie({ secrets, encryptionSecrets: [OTHER, ENCRYPTION_SECRET] });
    expect(rotated.read(pair)).toMatchObject([token]);
    expect(rotated.read(sentBack(aCookie().write(token, 60)))).toMatchObject([token]);
  });

  it("until the old secret is taken away", () => {
    expect(encrypted(OTHER).read(pair)).toEqual([]);
    expect(aCookie().read(pair)).toEqual([]);
  });
});

describe("R2: a forged or edited cookie is refused", () => {
  it("any one character changed", () => {
    const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."];
    const accepted = [...value].flatMap((character, at) =>
      alphabet
        .filter((other) => other !== character)
        .map((other) => value.slice(0, at) + other + value.slice(at + 1))
        .filter((edited) => cookie.read(`${NAME}=${edited}`).length > 0),
    );
    expect(accepted).toEqual([]);
  });

  it("a value that was encrypted for another cookie's name", () => {
    const elsewhere = sentBack(
      aCookie({ name: "__other", encryptionSecrets: [ENCRYPTION_SECRET] }).write(token, 60),
    );
    expect(cookie.read(elsewhere.replace("__other", NAME))).toEqual([]);
  });

  it("a value that was encrypted under the signing secret", () => {
    const sealed = encryptingSeal(NAME, [SECRET]).seal(`${token.id}.${token.secret}`);
    expect(cookie.read(`${NAME}=${sealed}`)).toEqual([]);
  });

  it("a value that was signed under the encryption secret", () => {
    const sealed = signingSeal(NAME, [ENCRYPTION_SECRET]).seal(`${token.id}.${token.secret}`);
    expect(cookie.read(`${NAME}=${sealed}`)).toEqual([]);
  });

  it.each([
    ["something else", "hello"],
    ["an id alone", token.id],
    ["a token with something after it", `${token.id}.${token.secret}.x`],
    ["a token with something before it", `x${token.id}.${token.secret}`],
    ["an id that is no UUID v4", `${token.id.replace(/^(.{14})4/, "$11")}.${token.secret}`],
    ["an id in capitals", `${token.id.toUpperCase()}.${token.secret}`],
    ["a short secret", `${token.id}.${token.secret.slice(1)}`],
  ])("what we sealed ourselves, but is no session's token: %s", (_what, content) => {
    expect(cookie.read(`${NAME}=${encryptingSeal(NAME, [ENCRYPTION_SECRET]).seal(content)}`)).toEqual([]);
    expect(cookie.read(`${NAME}=${signingSeal(NAME, [SECRET]).seal(content)}`)).toEqual([]);
  });

  it("one among forgeries is read", () => {
    expect(cookie.read(`${NAME}=e1.${"A".repeat(144)}; ${NAME}=e1.; ${pair}`)).toMatchObject([token]);
  });
});

it.each([
  ["a short one", ["x".repeat(31)]],
  ["a short one after a good one", [ENCRYPTION_SECRET, "short"]],
])("C3: is not made with %s for its encryption secrets", (_what, encryptionSecrets) => {
  expect(() => aCookie({ encryptionSecrets })).toThrow(ConfigurationError);
  expect(() => aCookie({ encryptionSecrets })).toThrow("encryption secrets of at least 32 characters");
});

it("C3: without encryption secrets it is signed alone", () => {
  expect(aCookie({ encryptionSecrets: [] }).read(sentBack(aCookie().write(token, 60)))).toMatchObject([
    token,
  ]);
  expect(aCookie({ encryptionSecrets: [] }).write(token, 60)).toBe(aCookie().write(token, 60));
});
