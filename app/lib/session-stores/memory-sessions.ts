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
  let order = 0;
  const state: MemoryState = {
    clients,
    clock,
    sessions: new Map(),
    events: [],
    cutoffs: new Map(),
    nextOrder: () => ++order,
  };
  const sessions: SessionStore = { ...lifecycle(state), ...endings(state), ...memoryDirectory(state) };
  const endOfClient = (clientId: string) => endWhere(state, (s) => s.clientId === clientId, "uninstalled");
  return { sessions, endOfClient };
}

type Lifecycle = Pick<
  SessionStore,
  "beginSignIn" | "create" | "find" | "touch" | "saveData" | "rotate" | "renew"
>;

function lifecycle(state: MemoryState): Lifecycle {
  const { sessions } = state;
  const change = (stored: MemorySession, changes: Partial<Session>) =>
    sessions.set(stored.session.id, { ...stored, session: { ...stored.session, ...changes } });

  return {
    beginSignIn: async () => state.nextOrder(),
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
      const inGrace = stored.previous.filter((one) => nowMs < one.graceUntilMs);
      const previous = [{ secretHash: from, graceUntilMs }, ...inGrace];
      change({ ...stored, secretHash: to, previous }, { user });
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
    previous: previous.map((one) => ({ ...one, secretHash: Buffer.from(one.secretHash) })),
  };
}

function endings(state: MemoryState): Pick<SessionStore, "end" | "endIdle" | "endAll"> {
  return {
    end: async (id, reason) => endWhere(state, (session) => session.id === id, reason) > 0,
    async endIdle({ id, lastActivityAtMs }, nowMs) {
      const isIdleAsSeen = (session: Session) =>
        isIdle({ ...session, lastActivityAtMs: Math.max(session.lastActivityAtMs, lastActivityAtMs) }, nowMs);
      return endWhere(state, (session) => session.id === id && isIdleAsSeen(session), "idle") > 0;
    },
    async endAll(scope, reason) {
      const { clientId, userId, exceptId } = { userId: undefined, exceptId: undefined, ...scope };
      const ended = [...state.sessions.values()]
        .map(({ session }) => session)
        .filter((s) => clientId === undefined || s.clientId === clientId)
        .filter((s) => (userId === undefined || s.user.id === userId) && s.id !== exceptId);
      state.cutoffs.set(scopeKey(scope), state.nextOrder());
      return endThese(state, ended, reason);
    },
  };
}
