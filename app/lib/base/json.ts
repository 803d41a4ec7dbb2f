import { isDeepStrictEqual } from "node:util";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What JSON keeps of it, as an object of its own: dates as texts, and nothing undefined. */
export const toJson = (value: object): JsonObject => JSON.parse(JSON.stringify(value));

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
