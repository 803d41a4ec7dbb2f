import type { JsonObject } from "../base/json";

/**
 * Short-lived sessions of other frameworks, whose ids they make themselves: CSRF tokens, OAuth state, preferences. The
 * comments here are the law; `tests/contract/http-sessions.ts` holds every store to them.
 *
 * For all methods: an id (`sid`) is a secret, never used twice, and known to a store by its hash alone; a session is
 * live until it expires by the caller's clock, or ends, and nothing that comes later brings it back; deletion goes by the
 * store's clock; where the store does not answer they throw an UnavailableError and nothing has half happened.
 */
export interface HttpSessionStore {
  /** The live session; undefined where there is none. */
  get(sid: string): Promise<HttpSession | undefined>;

  /**
   * Without a `base`: makes the session, or writes a live one anew as a whole.
   *
   * With the `base` that was read: merges the top-level keys that differ from it, so that requests that change different keys
   * both win; of the same key the last write does. The end moves forward, unless it lies before the base's: then it is as
   * said. Makes no session: one that was read and is there no more has ended.
   * @returns whether it was saved; false where the session is over
   * @throws HttpSessionDataError for data that no database can keep, or that cannot be read back; nothing is saved then
   */
  set(sid: string, session: HttpSession & { base?: HttpSession }): Promise<boolean>;

  /** Moves the end of a live session forward, never back. @returns false where it is over, or unknown */
  touch(sid: string, expiresAtMs: number): Promise<boolean>;

  /** Ends the session for good. @returns whether there was a live one */
  destroy(sid: string): Promise<boolean>;

  /** Ends a session that `all` gave, by its key. @returns whether there was a live one */
  end(key: string): Promise<boolean>;

  /** The live sessions, by the hashes of their ids: the ids themselves are nowhere. Reads in pages. */
  all(): AsyncIterable<HttpSession & { key: string }>;

  /** How many are live. */
  length(): Promise<number>;

  /** Ends all sessions, in bites; some of those that are made meanwhile, too. */
  clear(): Promise<void>;

  /** Deletes at most `batch` sessions that are long over, waiting for nobody. @returns how many */
  cleanup(batch: number): Promise<number>;

  /** As `cleanup`, unless the database does it on a schedule of its own, or another instance is at it. */
  sweep(batch: number): Promise<HttpSessionSweep>;
}

export type HttpSession = { data: JsonObject; expiresAtMs: number };

export type HttpSessionSweep = { outcome: "swept" | "scheduled" | "busy"; deleted: number };

/** Data that a session cannot keep; the message names the key, and says why. */
export class HttpSessionDataError extends Error {
  override name = "HttpSessionDataError";
}
