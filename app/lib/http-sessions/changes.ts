import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../base/json";
import { isStorable } from "../base/text";
import { HttpSessionDataError } from "./store";

/** What differs between two states of a session's data: top-level keys to set, and those to take away. */
export function changesOf(base: JsonObject, data: JsonObject): { set: JsonObject; unset: string[] } {
  const differs = ([key, value]: [string, unknown]) =>
    !Object.hasOwn(base, key) || !isDeepStrictEqual(base[key], value);
  return {
    set: Object.fromEntries(Object.entries(data).filter(differs)),
    unset: Object.keys(base).filter((key) => !Object.hasOwn(data, key)),
  };
}

/** @throws HttpSessionDataError that names a key under which there is text that PostgreSQL cannot keep */
export function checkData(data: JsonObject): void {
  for (const [key, value] of Object.entries(data)) {
    let fault = !isStorable(key);
    JSON.stringify(value, (inner, part) => {
      fault ||= !isStorable(inner) || (typeof part === "string" && !isStorable(part));
      return part;
    });
    if (fault) {
      throw new HttpSessionDataError(
        `a session cannot keep ${JSON.stringify(key)}: it holds a character that a database cannot keep (NUL, or half of ` +
          "a surrogate pair)",
      );
    }
  }
}
