import type { JsonObject } from "../base/json";
import { isStorable } from "../base/text";
import { SessionDataError } from "./errors";

const MOST_LEVELS = 64;

/**
 * Whether these keys and values can be a session's data.
 * @throws SessionDataError that names what is not JSON, what a database cannot keep, or how much is too much
 */
export function checkData(set: JsonObject, maxBytes: number): void {
  const fault = faultOf(set, "", 0);
  if (fault) throw new SessionDataError(`session data ${fault}`);
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

function faultOf(value: unknown, path: string, level: number): string | undefined {
  if (level > MOST_LEVELS)
    return `"${path}" is nested more than ${MOST_LEVELS} levels deep, or contains itself`;
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return undefined;
  if (typeof value === "string") return isStorable(value) ? undefined : `"${path}" holds ${UNSTORABLE}`;
  if (Array.isArray(value)) {
    return firstFault([...value.keys()], (index) => faultOf(value[index], `${path}[${index}]`, level + 1));
  }
  if (isPlainObject(value)) {
    return firstFault(Object.entries(value), ([key, part]) => {
      const name = path ? `${path}.${key}` : key;
      return isStorable(key) ? faultOf(part, name, level + 1) : `has a key that holds ${UNSTORABLE}`;
    });
  }
  return `"${path}" is no JSON value (${kindOf(value)})`;
}

const UNSTORABLE = "a character that a database cannot keep: NUL, or half of a surrogate pair";

function firstFault<T>(parts: T[], faultIn: (part: T) => string | undefined): string | undefined {
  for (const part of parts) {
    const fault = faultIn(part);
    if (fault) return fault;
  }
  return undefined;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (typeof value === "function") return "function";
  return typeof value === "object" ? (value?.constructor?.name ?? "object") : String(value);
}
