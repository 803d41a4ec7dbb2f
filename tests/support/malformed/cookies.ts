import fc from "fast-check";
import { inHeader, nearly, type Wire } from "./text";

const NAME = "__libero_session";

const base64url = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => Buffer.from(bytes).toString("base64url"));

/** Like ours in everything but the signature. */
const forged = fc
  .tuple(fc.uuid({ version: 4 }), base64url(32), base64url(32))
  .map((parts) => parts.join("."));

const many = fc
  .tuple(fc.integer({ min: 100, max: 9_000 }), inHeader)
  .map(([count, value]) => `a=${value.slice(0, 5)}; `.repeat(count).slice(0, 70_000));

/**
 * A Cookie header that is wrong somewhere, and sometimes one that is right.
 * @param good the value of a live session's cookie, whose session nothing here can open
 * @param busy the Cookie header of a session that these requests may do anything with
 */
export function cookies(good: string, busy: string): Wire {
  const value = fc.oneof(
    nearly(good).filter((text) => text !== good),
    forged,
    inHeader,
  );
  const name = fc.constantFrom(NAME, NAME, NAME, NAME.toUpperCase(), ` ${NAME}`, "__proto__", "", "other");
  const pair = fc.tuple(name, value).map(([key, text]) => `${key}=${text}`);
  const separator = fc.constantFrom("; ", ";", ", ", ";;", "\t;");
  return fc.oneof(
    { weight: 6, arbitrary: value.map((text) => `${NAME}=${text}`) },
    { weight: 3, arbitrary: fc.tuple(pair, separator, pair).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.array(pair, { maxLength: 40 }).map((pairs) => pairs.join("; ")) },
    { weight: 1, arbitrary: inHeader },
    { weight: 1, arbitrary: many },
    { weight: 6, arbitrary: fc.constant(busy) },
    { weight: 2, arbitrary: pair.map((text) => `${text}; ${busy}`) },
  );
}
