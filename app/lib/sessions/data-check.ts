import type { JsonObject } from "../base/json";
import { type JsonFault, jsonFault } from "../base/json-fault";
import { isStorable } from "../base/text";
import { SessionDataError } from "./errors";

const MAX_LEVELS = 64;

/**
 * Whether these keys and values can be a session's data.
 * @throws SessionDataError that names what is not JSON, what a database cannot keep, or how much is too much
 */
export function checkData(set: JsonObject, maxBytes: number): void {
  const fault = jsonFault(set, MAX_LEVELS);
  if (fault) throw new SessionDataError(`session data ${textOf(fault)}`);
  const bytes = Buffer.byteLength(JSON.stringify(set));
  if (bytes > maxBytes) throw dataTooLarge(bytes, maxBytes);
}

/** @throws SessionDataError where a key is none that a database can keep */
export function checkKeys(keys: readonly string[]): void {
  if (!keys.every(isStorable)) throw new SessionDataError(`session data has a key that holds ${UNSTORABLE}`);
}

export function dataTooLarge(bytes: number, maxBytes: number): SessionDataError {
  return new SessionDataError(
    `session data would take ${bytes} bytes, and at most ${maxBytes} are allowed: keep large values in a table of ` +
      "their own and their key in the session, or raise SESSION_DATA_MAX_BYTES",
  );
}

const UNSTORABLE = "a character that a database cannot keep: NUL, or half of a surrogate pair";

function textOf({ kind, path, value }: JsonFault): string {
  const name = `"${nameOf(path)}"`;
  switch (kind) {
    case "depth":
      return `${name} is nested more than ${MAX_LEVELS} levels deep, or contains itself`;
    case "text":
      return `${name} holds ${UNSTORABLE}`;
    case "key":
      return `has a key that holds ${UNSTORABLE}`;
    case "type":
      return `${name} is no JSON value (${kindOf(value)})`;
  }
}

/** As JavaScript writes it: `a[1].b`. */
const nameOf = (path: JsonFault["path"]) =>
  path.map((key, at) => (typeof key === "number" ? `[${key}]` : at > 0 ? `.${key}` : key)).join("");

function kindOf(value: unknown): string {
  if (typeof value === "function") return "function";
  return typeof value === "object" ? (value?.constructor?.name ?? "object") : String(value);
}
