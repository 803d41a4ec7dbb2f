import type { JsonObject } from "../base/json";
import { isPlainObject, type JsonFault, jsonFault } from "../base/json-fault";
import { HttpSessionDataError } from "./store";

/**
 * How deep data may be nested. More than about 1,000 levels overflow the stack of `isDeepStrictEqual`, by which a save finds
 * what changed, 1,500 that of `structuredClone`, and of more than 5,000 PGlite answers nothing.
 */
export const MAX_LEVELS = 500;

/** @throws HttpSessionDataError that names the top-level key under which there is what no store can keep, or read back */
export function checkData(data: JsonObject): void {
  if (!isPlainObject(data)) throw new HttpSessionDataError("a session cannot be kept: it is not an object");
  const fault = jsonFault(data, MAX_LEVELS);
  if (!fault) return;
  throw new HttpSessionDataError(
    `a session cannot keep ${JSON.stringify(fault.path[0])}: it ${REASONS[fault.kind]}`,
  );
}

const UNSTORABLE = "holds a character that a database cannot keep (NUL, or half of a surrogate pair)";

const REASONS: Record<JsonFault["kind"], string> = {
  depth: `is nested more than ${MAX_LEVELS} levels deep, or contains itself`,
  text: UNSTORABLE,
  key: UNSTORABLE,
  type: "is no JSON value",
};
