import { createCipheriv, createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encryptingSeal, signingSeal } from "../../../app/lib/sessions/cookie-seal";

const NAME = "__libero_session";
const FIRST = "the-first-key-of-thirty-two-characters";
const SECOND = "the-second-key-of-thirty-two-characters";
const CONTENT = "11bf5b37-e0b8-42e0-8dcf-dc8c4aefc000.a secret: é 🍷";
const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."];

describe.each([
  ["signed", signingSeal],
  ["encrypted", encryptingSeal],
])("content that is %s", (_form, sealUnder) => {
  const seal = sealUnder(NAME, [FIRST]);
  const sealed = seal.seal(CONTENT);

  it("is opened again", () => {
    expect(seal.open(sealed)).toBe(CONTENT);
    expect(seal.open(seal.seal("x"))).toBe("x");
  });

  it("R2: is refused with any one character changed", () => {
    const accepted = sealed.split("").flatMap((character, at) =>
      ALPHABET.filter((other) => other !== character)
        .map((other) => sealed.slice(0, at) + other + sealed.slice(at + 1))
        .filter((edited) => seal.open(edited) !== undefined),
    );
    expect(accepted).toEqual([]);
  });

  it("R2: is refused with any one character taken away or put in", () => {
    const accepted = sealed
      .split("")
      .flatMap((_character, at) =>
        [
          sealed.slice(0, at) + sealed.slice(at + 1),
          `${sealed.slice(0, at)}A${sealed.slice(at)}`,
          sealed.slice(0, at),
        ]
          .filter((edited) => edited !== sealed)
          .filter((edited) => seal.open(edited) !== undefined),
      );
    expect(accepted).toEqual([]);
  });

  it.each([
    "",
    ".",
    "..",
    "x",
    "e1.",
    "e1",
    `e1.${"A".repeat(38)}`,
    "=",
    "\0",
    "é",
    "\ud800",
    `${"A".repeat(70_000)}`,
  ])("R2: nonsense is refused, and no error: %j", (nonsense) => {
    expect(seal.open(nonsense)).toBeUndefined();
    expect(seal.open(`${sealed}${nonsense || " "}`)).toBeUndefined();
    expect(seal.open(`${nonsense || " "}${sealed}`)).toBeUndefined();
  });

  it("R2: is refused under another cookie's name", () => {
    expect(sealUnder("__other", [FIRST]).open(sealed)).toBeUndefined();
  });

  it("R2: is refused under another secret", () => {
    expect(sealUnder(NAME, [SECOND]).open(sealed)).toBeUndefined();
  });

  it("R33: is opened by any of several secrets, and sealed by the first", () => {
    const both = sealUnder(NAME, [SECOND, FIRST]);
    expect(both.open(sealed)).toBe(CONTENT);
    expect(sealUnder(NAME, [SECOND]).open(both.seal(CONTENT))).toBe(CONTENT);
    expect(seal.open(both.seal(CONTENT))).toBeUndefined();
  });

  it("goes into a cookie as it is, where its content does", () => {
    expect(seal.seal("abc.def-_")).toMatch(/^[\w.-]+$/);
  });
});

describe("the signed form", () => {
  it("is the content and HMAC-SHA-256 over the cookie's name and it, in base64url", () => {
    const mac = createHmac("sha256", FIRST).update(`${NAME}=${CONTENT}`).digest("base64url");
    expect(signingSeal(NAME, [FIRST]).seal(CONTENT)).toBe(`${CONTENT}.${mac}`);
  });

  it("of nothing is nothing", () => {
    const seal = signingSeal(NAME, [FIRST]);
    expect(seal.open(seal.seal(""))).toBeUndefined();
  });
});

describe("the encrypted form", () => {
  const seal = encryptingSeal(NAME, [FIRST]);
  const bytesOf = (sealed: string) => Buffer.from(sealed.slice(3), "base64url");

  it("R33: is AES-256-GCM under a key by HKDF, bound to the cookie's name, with nonce and tag around it", () => {
    const key = Buffer.from(hkdfSync("sha256", FIRST, "", `libero cookie ${NAME}`, 32));
    const nonce = Buffer.alloc(12, 7);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(NAME));
    const sealed = Buffer.concat([nonce, cipher.update(CONTENT), cipher.final(), cipher.getAuthTag()]);
    expect(seal.open(`e1.${sealed.toString("base64url")}`)).toBe(CONTENT);
  });

  it("R24: nothing of the content can be read in it", () => {
    const sealed = seal.seal(CONTENT);
    const seen = [sealed, bytesOf(sealed).toString("utf8"), bytesOf(sealed).toString("latin1")].join();
    for (let at = 0; at + 6 < 36; at += 1) expect(seen).not.toContain(CONTENT.slice(at, at + 6));
  });

  it("R33: takes a fresh nonce each time, so that the same content never looks the same", () => {
    const nonces = Array.from({ length: 2_000 }, () =>
      bytesOf(seal.seal("x")).subarray(0, 12).toString("hex"),
    );
    expect(new Set(nonces).size).toBe(2_000);
  });

  it("R2: a shortened tag is refused, though GCM would know shorter ones", () => {
    const bytes = bytesOf(seal.seal(CONTENT));
    for (const cut of [1, 4, 8, 12]) {
      expect(seal.open(`e1.${bytes.subarray(0, -cut).toString("base64url")}`)).toBeUndefined();
    }
  });

  it("R2: has one spelling only", () => {
    const sealed = seal.seal("x");
    for (const other of [
      `${sealed}=`,
      `${sealed}==`,
      sealed.replace("e1.", "E1."),
      `${sealed}A`,
      ` ${sealed}`,
    ]) {
      expect(seal.open(other)).toBeUndefined();
    }
  });
});
