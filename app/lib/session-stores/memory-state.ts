import type { Clock } from "../base/clock";
import { isLive, overBecause } from "../sessions/policy";
import type { EndReason, Session, SessionEvent } from "../sessions/session";
import type { SessionScope, StoredSession } from "../sessions/store";

export type InstalledClient = { tenantId: string; installed: boolean };

export type MemorySession = StoredSession & {
  keyRevisions: ReadonlyMap<string, number>;
  /** When it began, in the order of sign-ins and ends. */
  startedOrder: number;
};

/** What the memory store holds. */
export type MemoryState = {
  clients: (id: string) => InstalledClient | undefined;
  clock: Clock;
  sessions: Map<string, MemorySession>;
  events: SessionEvent[];
  /** By scope: sign-ins with a smaller ticket are over. */
  cutoffs: Map<string, number>;
  /** The next number of the order of sign-ins and ends. */
  nextOrder: () => number;
};

/** Live sessions, the newest first. */
export function liveSessions(
  state: MemoryState,
  of: { clientId?: string; userId?: string },
  nowMs: number,
): Session[] {
  return [...state.sessions.values()]
    .map(({ session }) => session)
    .filter((session) => of.clientId === undefined || session.clientId === of.clientId)
    .filter((session) => of.userId === undefined || session.user.id === of.userId)
    .filter((session) => isLive(session, nowMs))
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1));
}

export function endWhere(
  state: MemoryState,
  matches: (session: Session) => boolean,
  reason: EndReason,
): number {
  return endThese(state, [...state.sessions.values()].map(({ session }) => session).filter(matches), reason);
}

export function endThese(state: MemoryState, sessions: Session[], reason: EndReason): number {
  for (const session of sessions) {
    state.sessions.delete(session.id);
    record(state, session, "ended", reason);
  }
  return sessions.length;
}

export function record(
  state: MemoryState,
  session: Session,
  event: SessionEvent["event"],
  reason: EndReason | null,
) {
  const { id: sessionId, clientId, device } = session;
  const user = { id: session.user.id, name: session.user.name };
  state.events.push({ atMs: state.clock(), event, reason, sessionId, clientId, user, device });
}

/** All clients, a client, or a user of one, as a key. */
export function scopeKey(scope: SessionScope): string {
  if (scope.clientId === undefined) return "*";
  return scope.userId === undefined ? scope.clientId : `${scope.clientId} ${scope.userId}`;
}

export const isIdle = (session: Session, nowMs: number) =>
  overBecause({ ...session, expiresAtMs: Number.POSITIVE_INFINITY }, nowMs) === "idle";

/** An install's session belongs to no browser until it is used: Commerce7's server gets its cookie. */
export const isUnusedInstall = ({ origin, lastActivityAtMs, createdAtMs }: Session) =>
  origin === "install" && lastActivityAtMs === createdAtMs;
