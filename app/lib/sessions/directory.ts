import type { EndReason, SessionEvent, SessionSummary } from "./session";

/** What a store can tell about its sessions, and how it is kept clean. Part of the store's contract. */
export interface SessionDirectory {
  /** Sessions that are live at `nowMs`, the newest first: all, a client's, or a user's at a client. */
  listOpen(
    of: { clientId?: string; userId?: string },
    nowMs: number,
    limit: number,
  ): Promise<SessionSummary[]>;

  /**
   * How many sessions of a client are live at `nowMs`, and how many people hold them. An install's session counts from its first
   * use on, here and in `totals`: Commerce7's server gets its cookie, and no browser does.
   */
  stats(clientId: string, nowMs: number): Promise<SessionStats>;

  /** Figures over all clients at `nowMs`; of a large store as they were last counted, which takes long. */
  totals(nowMs: number): Promise<SessionTotals>;

  /** How many sessions ended since then, by reason; reasons that did not occur are left out. */
  endings(sinceMs: number): Promise<Partial<Record<EndReason, number>>>;

  /** What happened, the newest first: to one session, or at one client. */
  events(of: { sessionId: string } | { clientId: string }, limit: number): Promise<SessionEvent[]>;

  /**
   * Deletes at most `batch` sessions that expired more than a minute ago (the clocks of app and store may differ),
   * passing over those another clean-up holds. @returns how many
   */
  cleanup(batch: number): Promise<number>;

  /** Deletes at most `batch` events older than this. @returns how many */
  cleanupEvents(batch: number, retentionDays: number): Promise<number>;

  /** Both for a schedule: does nothing where another instance or the database's own schedule does it. */
  sweep(batch: number, retentionDays: number): Promise<SweepResult>;
}

export type SessionStats = { openSessions: number; signedInUsers: number };

export type SessionTotals = {
  /** Sessions in the store, live or not. */
  total: number;
  active: number;
  /** Past their end, and not cleaned up yet. */
  expired: number;
  clients: number;
  users: number;
  /** Of active sessions; 0 where there is none. */
  meanIdleMinutes: number;
  /** When they were counted. */
  countedAtMs: number;
};

export type SweepResult = { outcome: "swept" | "busy" | "scheduled"; deleted: number; deletedEvents: number };
