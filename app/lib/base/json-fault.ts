import { isStorable } from "./text";

/**
 * Why a value cannot be kept as JSON in a database:
 * - `depth`: nested too deep, or contains itself
 * - `text`, `key`: a text, or a key of an object, that PostgreSQL cannot hold
 * - `type`: no JSON value
 */
export type JsonFault = {
  kind: "depth" | "text" | "key" | "type";
  /** Where it is; an unstorable key is the last part of it. */
  path: (string | number)[];
  value: unknown;
};

/** The first fault of a value. @param maxLevels of arrays and objects within each other, and what is in the innermost */
export function jsonFault(value: unknown, maxLevels: number): JsonFault | undefined {
  return faultIn(value, [], maxLevels);
}

/** Calls itself once a level, so that the limit bounds the stack, too. */
function faultIn(value: unknown, path: JsonFault["path"], levels: number): JsonFault | undefined {
  const fault = (kind: JsonFault["kind"]) => ({ kind, path: [...path], value });
  if (levels < 0) return fault("depth");
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return undefined;
  if (typeof value === "string") return isStorable(value) ? undefined : fault("text");
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return fault("type");
  for (const [key, part] of isArray ? value.entries() : Object.entries(value)) {
    path.push(key);
    const inner =
      typeof key === "string" && !isStorable(key) ? fault("key") : faultIn(part, path, levels - 1);
    if (inner) return inner;
    path.pop();
  }
  return undefined;
}

/** Neither an array nor of a class. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
