import { isDeepStrictEqual } from "node:util";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * What JSON keeps of it, as an object of its own: dates as texts, and nothing undefined.
 * @throws TypeError for what JSON cannot write; RangeError if JavaScript has no stack, or no string, for so much
 */
export function toJson(value: object): JsonObject {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `this is nested too deep, or too large, to be written as JSON (${error.message})`;
    throw new RangeError(message, { cause: error });
  }
}

/** What differs between two states of an object: top-level keys to set, and those to take away. */
export function changesOf(base: JsonObject, now: JsonObject): { set: JsonObject; unset: string[] } {
  // Own keys only: every object has a "__proto__" to compare with.
  const differs = ([key, value]: [string, Json]) =>
    !Object.hasOwn(base, key) || !isDeepStrictEqual(base[key], value);
  return {
    set: Object.fromEntries(Object.entries(now).filter(differs)),
    unset: Object.keys(base).filter((key) => !Object.hasOwn(now, key)),
  };
}
