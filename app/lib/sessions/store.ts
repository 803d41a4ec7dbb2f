import type { JsonObject } from "../base/json";
import type { Session, SessionSummary } from "./session";

/**
 * Where sessions live. The comments here are the law; `tests/contract/session-store.ts` holds every store to them.
 *
 * For all methods: an ended session stays ended, that is, nothing but `create` makes a row; the caller's clock says
 * what is expired, except in `cleanup` and `sweep`, which delete by the store's own; where the store does not answer
 * they throw an UnavailableError and nothing has half happened.
 */
export interface SessionStore {
  /**
   * Makes the session and, in the same step, ends the one it replaces.
   * @throws ClientNotInstalledError where the client is not installed; then nothing is made and nothing ended
   * @throws Error where the id is in use
   */
  create(session: NewSession): Promise<Session>;

  /** The session with this id and the hash its secret must match, expired or not; undefined where there is none. */
  find(id: string): Promise<StoredSession | undefined>;

  /** Moves the last activity of many sessions forward, never back. Unknown ids are passed over. */
  touch(activity: ReadonlyMap<string, number>): Promise<void>;

  /**
   * Merges the keys that changed into a session's data; keys that are not named keep their value.
   * @returns all data after the change; undefined where the session is gone or expired at `nowMs`
   */
  saveData(id: string, patch: DataPatch, nowMs: number): Promise<JsonObject | undefined>;

  /** @returns whether there was a session to end */
  end(id: string): Promise<boolean>;

  /** Sessions of a client that are open at `nowMs`, the newest first. */
  listOpen(clientId: string, nowMs: number, limit: number): Promise<SessionSummary[]>;

  /** How many sessions of a client are open at `nowMs`, and how many people hold them. */
  stats(clientId: string, nowMs: number): Promise<SessionStats>;

  /** Deletes at most `batch` expired sessions, passing over those another clean-up holds. @returns how many */
  cleanup(batch: number): Promise<number>;

  /** `cleanup` for a schedule: does nothing where another instance or the database's own schedule does it. */
  sweep(batch: number): Promise<SweepResult>;
}

export type NewSession = Omit<Session, "tenantId" | "lastActivityAtMs"> & {
  /** SHA-256 of the secret; the secret itself never reaches a store. */
  secretHash: Buffer;
  /** Id of the session that this one takes the place of. */
  replaces: string | undefined;
};

export type StoredSession = { session: Session; secretHash: Buffer };

export type DataPatch = { set?: JsonObject; unset?: string[] };

export type SessionStats = { openSessions: number; signedInUsers: number };

export type SweepResult = { outcome: "swept" | "busy" | "scheduled"; deleted: number };
