import { DAY_MS, MINUTE_MS } from "../base/durations";
import type { SessionDirectory, SessionTotals } from "../sessions/directory";
import type { EndReason, Session, SessionEvent, SessionSummary } from "../sessions/session";
import { endThese, isIdle, isUnusedInstall, liveSessions, type MemoryState } from "./memory-state";

/** What the memory store tells about its sessions, and its clean-up. */
export function memoryDirectory(state: MemoryState): SessionDirectory {
  return {
    listOpen: async (of, nowMs, limit) => liveSessions(state, of, nowMs).slice(0, limit).map(toSummary),
    async stats(clientId, nowMs) {
      const live = countedSessions(state, { clientId }, nowMs);
      return { openSessions: live.length, signedInUsers: new Set(live.map(({ user }) => user.id)).size };
    },
    totals: async (nowMs) => totals(state, nowMs),
    async endings(sinceMs) {
      const recent = state.events.filter(({ atMs }) => atMs >= sinceMs);
      const reasons = recent.flatMap(({ reason }) => reason ?? []);
      const count = (reason: EndReason) => reasons.filter((other) => other === reason).length;
      return Object.fromEntries(reasons.map((reason) => [reason, count(reason)]));
    },
    async events(of, limit) {
      const matches = (event: SessionEvent) =>
        "sessionId" in of ? event.sessionId === of.sessionId : event.clientId === of.clientId;
      return structuredClone(state.events.filter(matches).reverse().slice(0, limit));
    },
    cleanup: async (batch) => cleanup(state, batch),
    cleanupEvents: async (batch, retentionDays) => cleanupEvents(state, batch, retentionDays),
    sweep: async (batch, retentionDays) => ({
      outcome: "swept",
      deleted: cleanup(state, batch),
      deletedEvents: cleanupEvents(state, batch, retentionDays),
    }),
  };
}

const countedSessions = (...of: Parameters<typeof liveSessions>) =>
  liveSessions(...of).filter((session) => !isUnusedInstall(session));

function totals(state: MemoryState, nowMs: number): SessionTotals {
  const live = countedSessions(state, {}, nowMs);
  const idleMs = live.reduce((sum, { lastActivityAtMs }) => sum + nowMs - lastActivityAtMs, 0);
  return {
    total: state.sessions.size,
    active: live.length,
    expired: state.sessions.size - liveSessions(state, {}, nowMs).length,
    clients: new Set(live.map(({ clientId }) => clientId)).size,
    users: new Set(live.map(({ clientId, user }) => `${clientId} ${user.id}`)).size,
    meanIdleMinutes: live.length > 0 ? idleMs / live.length / MINUTE_MS : 0,
    countedAtMs: nowMs,
  };
}

function cleanup(state: MemoryState, batch: number): number {
  const expired = [...state.sessions.values()]
    .map(({ session }) => session)
    .filter(({ expiresAtMs }) => expiresAtMs < state.clock() - MINUTE_MS)
    .slice(0, batch);
  for (const session of expired) endThese(state, [session], reasonOfExpiry(session));
  return expired.length;
}

function cleanupEvents(state: MemoryState, batch: number, retentionDays: number): number {
  const oldestMs = state.clock() - retentionDays * DAY_MS;
  const old = state.events.filter(({ atMs }) => atMs < oldestMs).slice(0, batch);
  state.events = state.events.filter((event) => !old.includes(event));
  return old.length;
}

const reasonOfExpiry = (session: Session) => (isIdle(session, session.expiresAtMs - 1) ? "idle" : "expired");

function toSummary(session: Session): SessionSummary {
  const { id, clientId, tenantId, user, origin, device, createdAtMs, expiresAtMs, lastActivityAtMs } =
    session;
  const times = { createdAtMs, expiresAtMs, lastActivityAtMs };
  return { id, clientId, tenantId, user: { id: user.id, name: user.name }, origin, device, ...times };
}
