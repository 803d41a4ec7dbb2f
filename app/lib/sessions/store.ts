import type { JsonObject } from "../base/json";
import type { SessionDirectory } from "./directory";
import type { AtSessionLimit } from "./policy";
import type { EndReason, Session } from "./session";

/**
 * Where sessions live. The comments here and in `directory.ts` are the law; `tests/contract/session-store.ts` holds
 * every store to them.
 *
 * For all methods: an ended session stays ended, that is, nothing but `create` makes a session; the caller's clock
 * says what is live, except in `cleanup` and `sweep`, which delete by the store's own; where the store does not
 * answer they throw an UnavailableError and nothing has half happened. Every end leaves an event with its reason.
 */
export interface SessionStore extends SessionDirectory {
  /**
   * Takes a number of the store's own order of sign-ins and ends, which no clock decides: instances' clocks differ. Of a
   * sign-in and an `endAll` the one whose number was drawn first came first.
   */
  beginSignIn(): Promise<SignInTicket>;

  /**
   * Makes the session and, in the same step, ends those it takes the place of: those it `replaces`, others of its
   * user that have another role (where the new one is known), and the oldest where the user would have more than `limit.max`.
   * Exact beside any number of sign-ins and ends at the same time.
   *
   * A session of an install that was never used counts for no limit and is the first to go.
   * @throws ClientNotInstalledError where the client is not installed
   * @throws SessionLimitError where the user has `limit.max` sessions and the policy refuses another
   * @throws SignInOvertakenError where the user's or the client's sessions were all ended after `ticket` was taken
   * @throws Error where the id is in use; whatever is thrown, nothing is made and nothing ended
   */
  create(session: NewSession): Promise<Session>;

  /**
   * The session with this id and the hash its secret must match, live or not; undefined where there is none.
   * `fresh` asks where the truth is, whatever stands in front of it.
   */
  find(id: string, options?: { fresh?: boolean }): Promise<StoredSession | undefined>;

  /** Answers at once from memory, where a store has one. */
  readonly memory?: SessionMemory;

  /**
   * Moves the last activity of many sessions forward, never back; sessions that were not live at that moment, and
   * unknown ids, are passed over.
   */
  touch(activity: ReadonlyMap<string, number>): Promise<void>;

  /**
   * Merges the keys that changed into a session's data; keys that are not named keep their value.
   * @returns all data after the change; undefined where the session is over at `nowMs`
   * @throws SessionConflictError where a key, other than those to `overwrite`, changed after `patch.revision`
   * @throws SessionDataError where the data would take more than `maxBytes` as JSON; nothing is saved then, either
   */
  saveData(seen: SeenSession, patch: DataPatch, nowMs: number): Promise<SavedData | undefined>;

  /**
   * Replaces the secret; the one before opens the session until `graceUntilMs`, beside those before it whose grace is not over.
   * @returns whether it was replaced; false where the session is over, or `from` is not its secret (any more)
   */
  rotate(seen: SeenSession, rotation: Rotation, nowMs: number): Promise<boolean>;

  /**
   * Moves the end to `expiresAtMs`, not beyond what renewal may reach, and never back.
   * @returns the end now; undefined where the session is over
   */
  renew(seen: SeenSession, expiresAtMs: number, nowMs: number): Promise<number | undefined>;

  /** @returns whether there was a session to end */
  end(id: string, reason: EndReason): Promise<boolean>;

  /** Ends the session if its idle limit has run out at `nowMs` for a caller who saw it active. @returns whether it ended */
  endIdle(seen: SeenSession, nowMs: number): Promise<boolean>;

  /**
   * Ends all sessions of a scope but one, and every sign-in to it that began before and is still under way: none of them opens
   * from its first step on, although rows may go in several.
   * @returns how many ended, live or not
   */
  endAll(scope: SessionScope, reason: EndReason): Promise<number>;
}

/** What a store remembers. It never says no: where it has no answer, `find` has to be asked. */
export interface SessionMemory {
  /** The place in memory of a session, which may be looked at again instead of being looked for. */
  place(id: string): MemoryPlace | undefined;

  /** The session there, live or not, as long as it is known to be as it was read. */
  at(place: MemoryPlace): StoredSession | undefined;
}

/** Empty as soon as memory has forgotten what was in it, for good. */
export type MemoryPlace = { readonly stored: StoredSession | undefined };

export type NewSession = Omit<Session, "tenantId" | "lastActivityAtMs" | "revision"> & {
  /** SHA-256 of the secret; the secret itself never reaches a store. */
  secretHash: Buffer;
  /** Whether the platform said which role the user has; `null` then is the answer that they have none. */
  isRoleKnown: boolean;
  /** Ids of the sessions that this one takes the place of. */
  replaces: string[];
  /** When the sign-in began; undefined: at this call. */
  ticket: SignInTicket | undefined;
  /** How many sessions the user may have, this one included; 0: any number. */
  limit: { max: number; atMax: AtSessionLimit };
};

export type StoredSession = {
  session: Session;
  secretHash: Buffer;
  /** Secrets before rotations, the newest first, and until when each still opens the session. */
  previous: readonly PreviousSecret[];
};

export type PreviousSecret = { secretHash: Buffer; graceUntilMs: number };

/** A place in the store's order of sign-ins and ends. */
export type SignInTicket = number;

/** A session as the caller last saw it: `lastActivityAtMs` may be ahead of what the store was told so far. */
export type SeenSession = Pick<Session, "id" | "lastActivityAtMs">;

export type DataPatch = {
  set: JsonObject;
  unset: string[];
  /** Keys whose last write wins. */
  overwrite: string[];
  /** The revision that the change is based on. */
  revision: number;
  /** Most bytes that data and its bookkeeping may take as JSON. */
  maxBytes: number;
};

export type SavedData = Pick<Session, "data" | "revision">;

export type Rotation = {
  from: Buffer;
  to: Buffer;
  graceUntilMs: number;
  /** The user's new role, null for none; undefined leaves it. */
  role?: string | null;
};

/** All clients; one client; one user of a client, perhaps but for one session. */
export type SessionScope =
  | { clientId?: undefined }
  | { clientId: string; userId?: undefined }
  | { clientId: string; userId: string; exceptId?: string };
