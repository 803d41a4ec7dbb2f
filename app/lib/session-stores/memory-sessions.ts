import type { Clock } from "../base/clock";
import { isLive } from "../sessions/policy";
import type { Session } from "../sessions/session";
import type { SeenSession, SessionStore, StoredSession } from "../sessions/store";
import { createInMemory } from "./memory-create";
import { mergeData } from "./memory-data";
import { memoryDirectory } from "./memory-directory";
import {
  endThese,
  endWhere,
  isIdle,
  type MemorySession,
  type MemoryState,
  record,
  scopeKey,
} from "./memory-state";

/** Nothing here waits: each method runs to its end before another begins, and so is one step. */
export function memorySessions(clients: MemoryState["clients"], clock: Clock) {
  const state: MemoryState = { clients, clock, sessions: new Map(), events: [], cutoffs: new Map() };
  const sessions: SessionStore = { ...lifecycle(state), ...endings(state), ...memoryDirectory(state) };
  const endOfClient = (clientId: string) => endWhere(state, (s) => s.clientId === clientId, "uninstalled");
  return { sessions, endOfClient };
}

type Lifecycle = Pick<SessionStore, "create" | "find" | "touch" | "saveData" | "rotate" | "renew">;

function lifecycle(state: MemoryState): Lifecycle {
  const { sessions } = state;
  const change = (stored: MemorySession, changes: Partial<Session>) =>
    sessions.set(stored.session.id, { ...stored, session: { ...stored.session, ...changes } });

  return {
    create: async (fresh) => createInMemory(state, fresh),
    async find(id) {
      const stored = sessions.get(id);
      const installed = stored && state.clients(stored.session.clientId)?.installed;
      return installed ? copyOf(stored) : undefined;
    },
    async touch(activity) {
      for (const [id, atMs] of activity) {
        const stored = sessions.get(id);
        const live = stored && isLive(stored.session, atMs) && stored.session.lastActivityAtMs < atMs;
        if (live) change(stored, { lastActivityAtMs: atMs });
      }
    },
    async saveData(seen, patch, nowMs) {
      const stored = liveAsSeen(state, seen, nowMs);
      if (!stored) return undefined;
      const { keyRevisions, ...saved } = mergeData(stored, patch);
      change({ ...stored, keyRevisions }, saved);
      return structuredClone(saved);
    },
    async rotate(seen, { from, to, graceUntilMs, role }, nowMs) {
      const stored = liveAsSeen(state, seen, nowMs);
      if (!stored?.secretHash.equals(from)) return false;
      const user = { ...stored.session.user, ...(role !== undefined && { role }) };
      change({ ...stored, secretHash: to, previous: { secretHash: from, graceUntilMs } }, { user });
      record(state, stored.session, "rotated", null);
      return true;
    },
    async renew(seen, expiresAtMs, nowMs) {
      const stored = liveAsSeen(state, seen, nowMs);
      if (!stored) return undefined;
      const { session } = stored;
      const endMs = Math.max(session.expiresAtMs, Math.min(expiresAtMs, session.renewableUntilMs));
      change(stored, { expiresAtMs: endMs });
      return endMs;
    },
  };
}

/** The session, if it is live at this moment for somebody who saw it active. */
function liveAsSeen(state: MemoryState, seen: SeenSession, nowMs: number): MemorySession | undefined {
  const stored = state.sessions.get(seen.id);
  if (!stored) return undefined;
  const lastActivityAtMs = Math.max(stored.session.lastActivityAtMs, seen.lastActivityAtMs);
  const session = { ...stored.session, lastActivityAtMs };
  return isLive(session, nowMs) ? { ...stored, session } : undefined;
}

function copyOf({ session, secretHash, previous }: StoredSession): StoredSession {
  return {
    session: structuredClone(session),
    secretHash: Buffer.from(secretHash),
    previous: previous && { ...previous, secretHash: Buffer.from(previous.secretHash) },
  };
}

function endings(state: MemoryState): Pick<SessionStore, "end" | "endIdle" | "endAll"> {
  return {
    end: async (id, reason) => endWhere(state, (session) => session.id === id, reason) > 0,
    endIdle: async (id, nowMs) =>
      endWhere(state, (session) => session.id === id && isIdle(session, nowMs), "idle") > 0,
    async endAll(scope, reason, nowMs) {
      const { clientId, userId, exceptId } = { userId: undefined, exceptId: undefined, ...scope };
      const ended = [...state.sessions.values()]
        .map(({ session }) => session)
        .filter((s) => clientId === undefined || s.clientId === clientId)
        .filter((s) => (userId === undefined || s.user.id === userId) && s.id !== exceptId);
      const key = scopeKey(scope);
      state.cutoffs.set(key, Math.max(nowMs, state.cutoffs.get(key) ?? 0));
      return endThese(state, ended, reason);
    },
  };
}
