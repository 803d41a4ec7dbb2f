import { timingSafeEqual } from "node:crypto";
import type { CookieHeader, SessionCookie } from "./cookie";
import type { MemoryPlace } from "./store";
import { hashSecret } from "./token";

/** What a cookie that we made stands for: the session that it names, and the hash of the secret that is to open it. */
export type Presented = {
  readonly id: string;
  readonly secretHash: Buffer;
  /** Where memory holds the session whose current secret it was found to be. */
  place?: MemoryPlace;
};

type Kept = Presented & { value: string };

/** By so many characters a value is found again: of one that is signed the id, of one that is encrypted its nonce and more. */
const NAME_LENGTH = 36;

/**
 * Reads cookies, and remembers what it verified: signature and hash of one and the same value cannot come out differently, so a
 * value that was verified once need only be compared, in constant time, with the one that was. That says that we made it,
 * and nothing about its session.
 * @param mostKept of verified values; whatever is not among them is verified again
 * @returns what the first cookie that we made stands for; undefined for anything else, however malformed
 */
export function createRecognition(cookie: SessionCookie, mostKept: number) {
  const kept = new Map<string, Kept>();
  const isSame = createComparison();
  const keep = (entry: Kept) => {
    const [oldest] = kept.size >= mostKept ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    const name = entry.value.slice(0, NAME_LENGTH);
    kept.set(name === entry.id ? entry.id : copyOf(name), entry);
  };

  return (cookieHeader: CookieHeader): Presented | undefined => {
    const first = cookieHeader ? cookie.firstValue(cookieHeader) : undefined;
    const known = first === undefined ? undefined : kept.get(first.slice(0, NAME_LENGTH));
    if (first !== undefined && known && isSame(first, known.value)) return known;
    const read = cookie.read(cookieHeader);
    if (!read) return undefined;
    const verified = {
      id: copyOf(read.id),
      secretHash: hashSecret(read.secret),
      place: undefined,
      value: copyOf(read.value),
    };
    keep(verified);
    return verified;
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
