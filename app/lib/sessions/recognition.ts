import { timingSafeEqual } from "node:crypto";
import type { StoredSession } from "./store";

/**
 * Cookie values that were verified once. As long as memory holds the very session that a value opened, as it was read then, the
 * value need only be compared: neither its signature nor its secret's hash could come out differently. Whatever changes a session,
 * ends it, or outdates what memory holds, leads to another reading, for which nothing is verified yet.
 */
export interface Recognition {
  /** Keeps the value that has just been verified as the current one of what was read. */
  keep(stored: StoredSession, value: string): void;

  /** Whether it is the value that was kept; takes as long for any wrong one. */
  isKept(stored: StoredSession, value: string): boolean;
}

/** Two bytes a character: every string has its own bytes, and each as many as its length says. */
const ENCODING = "utf16le";

export function createRecognition(): Recognition {
  const verified = new WeakMap<StoredSession, Buffer>();
  let presented = Buffer.alloc(0);
  return {
    keep(stored, value) {
      verified.set(stored, Buffer.from(value, ENCODING));
    },
    isKept(stored, value) {
      const kept = verified.get(stored);
      if (kept === undefined || kept.length !== 2 * value.length) return false;
      // One after the other: nothing else runs between writing and comparing.
      if (presented.length !== kept.length) presented = Buffer.alloc(kept.length);
      presented.write(value, ENCODING);
      return timingSafeEqual(presented, kept);
    },
  };
}
