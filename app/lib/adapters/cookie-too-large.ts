import { MOST_COOKIE_BYTES } from "../sessions/cookie";

/** How many keys a message names. */
const NAMED = 3;

/** A session's data is more than a browser keeps in a cookie. Nothing was sent. */
export class CookieTooLargeError extends Error {
  override name = "CookieTooLargeError";

  /** @param data of which the largest keys are named, without their values */
  constructor(cookieName: string, bytes: number, data: unknown) {
    super(
      `the cookie ${cookieName} would take ${bytes} bytes with its attributes, and browsers keep ${MOST_COOKIE_BYTES}: ` +
        `put less into the session${largestOf(data)}, or keep it in the database (docs/adapters/remix-session-storage.md)`,
    );
  }
}

function largestOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  const sizes = Object.entries(data)
    .map(([key, value]) => ({ key, bytes: Buffer.byteLength(JSON.stringify(value) ?? "") }))
    .sort((one, other) => other.bytes - one.bytes);
  const named = sizes.slice(0, NAMED).map(({ key, bytes }) => `${JSON.stringify(key)}: ${bytes}`);
  return named.length > 0 ? ` (its largest keys, in bytes of JSON: ${named.join(", ")})` : "";
}
