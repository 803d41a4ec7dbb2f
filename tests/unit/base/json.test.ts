import { expect, it } from "vitest";
import { changesOf, type JsonObject, toJson } from "../../../app/lib/base/json";

const parsed = (text: string): JsonObject => JSON.parse(text);

it.each([
  ["nothing", '{"a": [1, {"b": 2}]}', '{"a": [1, {"b": 2}]}', "{}", []],
  [
    "the order of keys is nothing",
    '{"a": 1, "b": {"c": 2, "d": 3}}',
    '{"b": {"d": 3, "c": 2}, "a": 1}',
    "{}",
    [],
  ],
  ["a value", '{"a": 1, "b": 2}', '{"a": 1, "b": 3}', '{"b": 3}', []],
  ["deep within a value", '{"a": [1, {"b": 2}]}', '{"a": [1, {"b": 3}]}', '{"a": [1, {"b": 3}]}', []],
  ["a key more, a key less", '{"a": 1}', '{"b": null}', '{"b": null}', ["a"]],
  [
    "a key that objects have by themselves",
    "{}",
    '{"__proto__": {}, "constructor": 1}',
    '{"__proto__": {}, "constructor": 1}',
    [],
  ],
  ["such a key less", '{"__proto__": {}}', "{}", "{}", ["__proto__"]],
])("what differs: %s", (_what, base, now, set, unset) => {
  const changes = changesOf(parsed(base), parsed(now));
  expect([Object.entries(changes.set), changes.unset]).toEqual([Object.entries(parsed(set)), unset]);
});

it("an object as JSON has it is another object", () => {
  expect(toJson({ at: new Date(0), gone: undefined, list: [undefined] })).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    list: [null],
  });
});

it("what JavaScript has no stack to write is refused with a sentence", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(() => toJson({ deep })).toThrow(RangeError);
  expect(() => toJson({ deep })).toThrow(/^this is nested too deep, or too large, to be written as JSON \(/);
});
