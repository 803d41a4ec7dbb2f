import { describe, expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { aCookie, NAME, SECRET, sentBack } from "./support";

const OTHER = "second-signing-key-of-thirty-two-or-more";
const cookie = aCookie();
const token = newToken();
const pair = sentBack(cookie.write(token, 60));
const value = pair.slice(NAME.length + 1);

it("reads back what it wrote", () => {
  expect(cookie.read(pair)).toMatchObject([token]);
});

describe("R33: secrets are rotated with nobody signed out", () => {
  const rotated = aCookie({ secrets: [OTHER, SECRET] });

  it("a cookie of the old secret is still read", () => {
    expect(rotated.read(pair)).toMatchObject([token]);
  });

  it("a new cookie is signed by the first secret", () => {
    const fresh = sentBack(rotated.write(token, 60));
    expect(aCookie({ secrets: [OTHER] }).read(fresh)).toMatchObject([token]);
    expect(cookie.read(fresh)).toEqual([]);
  });

  it("a cookie of the old secret is refused when that secret is taken away", () => {
    expect(aCookie({ secrets: [OTHER] }).read(pair)).toEqual([]);
  });
});

describe("R2: a forged or edited cookie is refused", () => {
  const [, secret = "", mac = ""] = value.split(".");
  const other = newToken();

  it.each([
    ["another id", `${other.id}.${secret}.${mac}`],
    ["another secret", `${token.id}.${other.secret}.${mac}`],
    ["another signature", `${token.id}.${secret}.${other.secret}`],
    ["no signature", `${token.id}.${secret}`],
    ["an empty signature", `${token.id}.${secret}.`],
    ["a part too many", `${value}.${mac}`],
    ["an id in capitals", `${token.id.toUpperCase()}.${secret}.${mac}`],
    ["an id that is no UUID v4", value.replace(/^(.{14})4/, "$11")],
    ["quotes", `"${value}"`],
    ["percent encoding", value.replaceAll(".", "%2E")],
    ["white space within", value.replace(".", ". ")],
  ])("%s", (_what, edited) => {
    expect(cookie.read(`${NAME}=${edited}`)).toEqual([]);
  });

  it("any one character changed", () => {
    const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
    const accepted = [...value].flatMap((character, at) =>
      alphabet
        .filter((other) => other !== character)
        .map((other) => value.slice(0, at) + other + value.slice(at + 1))
        .filter((edited) => cookie.read(`${NAME}=${edited}`).length > 0),
    );
    expect(accepted).toEqual([]);
  });

  it("a value that was signed for another cookie's name", () => {
    const elsewhere = sentBack(aCookie({ name: "__other" }).write(token, 60));
    expect(cookie.read(elsewhere.replace("__other", NAME))).toEqual([]);
  });
});

describe("a Cookie header with more in it", () => {
  const invalid = `${NAME}=${"x".repeat(124)}`;

  it.each([
    ["first", `${pair}; a=b; c=d`],
    ["last", `a=b; c=d; ${pair}`],
    ["without white space", `a=b;${pair};c=d`],
    ["beside a name that ends like ours", `x${NAME}=1; ${pair}`],
    ["beside many names that begin like ours", `${`${NAME}2=1; `.repeat(9)}${pair}`],
    ["after its name in another cookie's value", `a=${NAME}; ${pair}`],
    ["after nonsense", `;;; =; = ; novalue; ${pair};`],
    ["after an empty one of the same name", `${NAME}=; ${pair}`],
    ["after forged ones of the same name", `${invalid}; ${invalid}; ${pair}`],
  ])("is read where ours is %s", (_where, header) => {
    expect(cookie.read(header)).toMatchObject([token]);
  });

  it("F6: all that are ours, in the order they came, and each once", () => {
    const second = newToken();
    const other = sentBack(cookie.write(second, 60));
    expect(cookie.read(`${invalid}; ${pair}; ${other}; ${pair}`)).toMatchObject([token, second]);
  });

  it("F6: forged ones before it hide none, as many as a header holds", () => {
    expect(cookie.read(`${`${invalid}; `.repeat(400)}${pair}`)).toMatchObject([token]);
  });

  it.each([" ", "\t"])("a name may have %j before it (RFC 6265, 5.2)", (white) => {
    expect(cookie.read(`a=b;${white}${pair}${white}`)).toMatchObject([token]);
  });

  it.each(["\u00a0", "\u000b", "\ufeff", "\u2003"])(
    "but not %j, which no browser takes for white space",
    (other) => {
      expect(cookie.read(`a=b;${other}${pair}`)).toEqual([]);
      expect(cookie.read(`${pair}${other}`)).toEqual([]);
    },
  );

  it("names are told apart by their case (RFC 6265)", () => {
    expect(cookie.read(pair.toUpperCase())).toEqual([]);
    expect(cookie.read(pair.replace(NAME, NAME.toUpperCase()))).toEqual([]);
  });
});
