import { timingSafeEqual } from "node:crypto";
import type { CookieHeader, SessionCookie } from "./cookie";
import type { MemoryPlace } from "./store";
import { hashSecret } from "./token";

/** A cookie that we made: the session that it names, and the hash of the secret that is to open it. */
export type VerifiedCookie = {
  readonly id: string;
  readonly secretHash: Buffer;
  /** Where memory holds the session whose current secret it was found to be. */
  place?: MemoryPlace;
};

type Entry = VerifiedCookie & { value: string };

/** Key of an entry: of a value that is signed the id, of one that is encrypted its nonce and more. */
const KEY_LENGTH = 36;

/**
 * Reads cookies, and remembers what it verified: signature and hash of one and the same value cannot come out differently, so a
 * value that was verified once need only be compared, in constant time, with the one that was. That says that we made it,
 * and nothing about its session.
 */
export interface VerifiedCookies {
  /** The first cookie of the header, if its value was verified before; undefined says nothing. */
  known(cookieHeader: CookieHeader): VerifiedCookie | undefined;

  /** Every cookie of the header that we made, in the order they came. */
  all(cookieHeader: CookieHeader): VerifiedCookie[];
}

/** @param maxEntries how many verified values are remembered; others are verified again */
export function createVerifiedCookies(cookie: SessionCookie, maxEntries: number): VerifiedCookies {
  const entries = new Map<string, Entry>();
  const isSame = createComparison();
  const entryOf = (value: string): Entry | undefined => {
    const entry = entries.get(value.slice(0, KEY_LENGTH));
    return entry && isSame(value, entry.value) ? entry : undefined;
  };
  const verify = (value: string): Entry | undefined => {
    const token = cookie.open(value);
    if (!token) return undefined;
    const entry = {
      id: copyOf(token.id),
      secretHash: hashSecret(token.secret),
      place: undefined,
      value: copyOf(value),
    };
    const [oldest] = entries.size >= maxEntries ? entries.keys() : [];
    if (oldest !== undefined) entries.delete(oldest);
    const key = entry.value.slice(0, KEY_LENGTH);
    entries.set(key === entry.id ? entry.id : copyOf(key), entry);
    return entry;
  };

  return {
    known(cookieHeader) {
      const first = cookieHeader ? cookie.firstValue(cookieHeader) : undefined;
      return first === undefined ? undefined : entryOf(first);
    },
    all(cookieHeader) {
      const cookies: VerifiedCookie[] = [];
      for (const value of cookie.values(cookieHeader)) {
        const entry = entryOf(value) ?? verify(value);
        if (entry) cookies.push(entry);
      }
      return cookies;
    },
  };
}

/** A part of a string holds on to all of it: here to the whole Cookie header. */
const copyOf = (text: string) => Buffer.from(text).toString();

/** Compares strings of one length in a time that does not depend on what is in them. */
function createComparison(): (presented: string, verified: string) => boolean {
  let [a, b] = [Buffer.alloc(0), Buffer.alloc(0)];
  return (presented, verified) => {
    if (presented.length !== verified.length) return false;
    // Two bytes a character: every string has its own bytes, and each as many as its length says.
    const bytes = 2 * verified.length;
    if (a.length !== bytes) [a, b] = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
    a.write(presented, "utf16le");
    b.write(verified, "utf16le");
    return timingSafeEqual(a, b);
  };
}
