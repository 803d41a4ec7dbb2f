import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../app/lib/base/json";
import { checkData, dataTooLarge } from "../../../app/lib/sessions/data-check";
import { SessionDataError } from "../../../app/lib/sessions/errors";

/** What is said of data that are not what their type says. */
function faultOf(data: unknown, maxBytes = 65_536): string | undefined {
  try {
    checkData(data as JsonObject, maxBytes);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SessionDataError);
    return (error as Error).message;
  }
}

class Cart {}

/** Something inside so many objects. */
function nested(levels: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < levels; level += 1) value = { in: value };
  return value;
}

it("every JSON value is taken", () => {
  const data = { a: null, b: true, c: -1.5e300, d: "", e: [], f: {}, g: [1, [null, { h: "🍷" }]], "": 0 };
  expect(faultOf(data)).toBeUndefined();
  expect(faultOf(Object.assign(Object.create(null), { a: 1 }))).toBeUndefined();
});

describe("what JSON would change or lose is refused, and named", () => {
  it.each([
    ["NaN", Number.NaN, "NaN"],
    ["infinity", Number.POSITIVE_INFINITY, "Infinity"],
    ["minus infinity", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["undefined", undefined, "undefined"],
    ["a bigint", 10n, "10"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a date", new Date(0), "Date"],
    ["a map", new Map(), "Map"],
    ["a set", new Set(), "Set"],
    ["bytes", Buffer.from("x"), "Buffer"],
    ["a regular expression", /x/, "RegExp"],
    ["an error", new TypeError("x"), "TypeError"],
    ["a promise", Promise.resolve(1), "Promise"],
    ["a boxed string", Object("x"), "String"],
    ["an object of a class", new Cart(), "Cart"],
    ["an object of no class", Object.create(Object.create(null)), "object"],
  ])("%s", (_what, value, kind) => {
    expect(faultOf({ key: value })).toBe(`session data "key" is no JSON value (${kind})`);
    expect(faultOf({ a: [1, { b: value }] })).toBe(`session data "a[1].b" is no JSON value (${kind})`);
  });

  it("a function, without its source", () => {
    expect(faultOf({ key: () => "confidential" })).toBe('session data "key" is no JSON value (function)');
  });

  it("an array with a hole", () => {
    const holed: number[] = [];
    holed[1] = 1;
    expect(faultOf({ list: holed })).toBe('session data "list[0]" is no JSON value (undefined)');
  });

  it("something else than an object of keys", () => {
    expect(faultOf(new Date(0))).toContain("is no JSON value (Date)");
  });
});

describe("what a database cannot keep is refused, and where it is", () => {
  it.each([
    ["NUL", "a\0b"],
    ["the first half of a surrogate pair", "\ud83c"],
    ["the second half of a surrogate pair", "\udf77"],
  ])("%s", (_what, text) => {
    const what = "a character that a database cannot keep: NUL, or half of a surrogate pair";
    expect(faultOf({ note: text })).toBe(`session data "note" holds ${what}`);
    expect(faultOf({ [text]: 1 })).toBe(`session data has a key that holds ${what}`);
    expect(faultOf({ list: [{ [text]: 1 }] })).toBe(`session data has a key that holds ${what}`);
  });

  it("both halves together are one character", () => {
    expect(faultOf({ "\ud83c\udf77": "\ud83c\udf77" })).toBeUndefined();
  });
});

describe("what has no end is refused", () => {
  it("an object that contains itself", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(faultOf({ loop })).toMatch(/nested more than 64 levels deep, or contains itself$/);
  });

  it("a list that contains itself twice, at once", () => {
    const loop: unknown[] = [];
    loop.push(loop, loop);
    expect(faultOf({ loop })).toMatch(/contains itself$/);
  });

  it("64 levels are enough, and 65 too many", () => {
    expect(faultOf(nested(64, 1))).toBeUndefined();
    expect(faultOf(nested(65, 1))).toContain("64 levels");
    const lists = (levels: number) => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
    expect(faultOf({ lists: lists(64) })).toBeUndefined();
    expect(faultOf({ lists: lists(65) })).toContain("64 levels");
  });

  it("the same value in two places is no loop", () => {
    const address = { city: "Napa" };
    expect(faultOf({ home: address, work: address })).toBeUndefined();
  });
});

describe("what is too much is refused", () => {
  it("bytes count, not characters", () => {
    expect(faultOf({ a: "xy" }, 10)).toBeUndefined();
    expect(faultOf({ a: "xyz" }, 10)).toContain("would take 11 bytes, and at most 10 are allowed");
    expect(faultOf({ a: "é" }, 10)).toBeUndefined();
    expect(faultOf({ a: "🍷" }, 10)).toContain("would take 12 bytes");
  });

  it("with what to do about it", () => {
    expect(dataTooLarge(12, 10)).toBeInstanceOf(SessionDataError);
    expect(dataTooLarge(12, 10).message).toBe(
      "session data would take 12 bytes, and at most 10 are allowed: keep large values in a table of their own " +
        "and their key in the session, or raise SESSION_DATA_MAX_BYTES",
    );
  });

  it("but first what is no JSON at all", () => {
    expect(faultOf({ text: "x".repeat(100), bad: undefined }, 10)).toContain("no JSON value");
  });
});

it("keys that mean something to JavaScript are keys like any other", () => {
  expect(faultOf(JSON.parse('{"__proto__":{"a":1},"constructor":2,"toJSON":3}'))).toBeUndefined();
  expect(faultOf(JSON.parse('{"__proto__":{"a":"\\u0000"}}'))).toContain('"__proto__.a" holds');
});
