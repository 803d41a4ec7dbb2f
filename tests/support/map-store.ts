import { setImmediate as pause } from "node:timers/promises";
import { ClientNotInstalledError } from "../../app/lib/base/errors";
import type { SessionDirectory } from "../../app/lib/sessions/directory";
import {
  SessionConflictError,
  SessionDataError,
  SessionLimitError,
  SignInOvertakenError,
} from "../../app/lib/sessions/errors";
import { isLive } from "../../app/lib/sessions/policy";
import type { EndReason, Session, SessionEvent } from "../../app/lib/sessions/session";
import type { SeenSession, SessionStore, StoredSession } from "../../app/lib/sessions/store";

/**
 * A store that somebody else might write: a `Map`, and time that passes before and after each call, as over a network.
 * It was written against the contract's comments and the suite alone.
 */
type Row = StoredSession & { changedAt: Record<string, number>; order: number };
type Mark = { clientId?: string; userId?: string; order: number };

export function createMapStore(tenantOf: (clientId: string) => string | undefined): SessionStore {
  const rows = new Map<string, Row>();
  let events: SessionEvent[] = [];
  const marks: Mark[] = [];
  let order = 0;

  const all = () => [...rows.values()].map(({ session }) => session);
  const log = (
    event: SessionEvent["event"],
    { id, clientId, user, device }: Session,
    reason: EndReason | null,
  ) =>
    events.unshift({ atMs: Date.now(), event, reason, sessionId: id, clientId, user: nameOf(user), device });
  const remove = (doomed: Session[], reason: EndReason) =>
    doomed.filter(({ id }) => rows.delete(id)).map((session) => log("ended", session, reason)).length;
  const live = ({ id, lastActivityAtMs }: SeenSession, nowMs: number) => {
    const row = rows.get(id);
    if (!row) return undefined;
    const session = {
      ...row.session,
      lastActivityAtMs: Math.max(lastActivityAtMs, row.session.lastActivityAtMs),
    };
    return isLive(session, nowMs) ? { ...row, session } : undefined;
  };
  const orderOf = ({ id }: Session) => rows.get(id)?.order ?? 0;
  const put = (row: Row, changes: Partial<Session>) =>
    rows.set(row.session.id, { ...row, session: { ...row.session, ...structuredClone(changes) } });

  const store: SessionStore = {
    ...directoryOf(
      all,
      remove,
      () => events,
      (kept) => {
        events = kept;
      },
    ),

    beginSignIn: async () => ++order,

    async create({ secretHash, isRoleKnown, replaces, ticket, limit, ...given }) {
      const { clientId, user, createdAtMs } = given;
      const tenantId = tenantOf(clientId);
      if (tenantId === undefined) throw new ClientNotInstalledError(clientId);
      const covers = (mark: Mark) =>
        (mark.clientId ?? clientId) === clientId &&
        (mark.userId ?? user.id) === user.id &&
        mark.order > (ticket ?? order);
      if (marks.some(covers)) throw new SignInOvertakenError(given.id);
      if (rows.has(given.id)) throw new Error(`${given.id} is in use`);

      const mine = all().filter(
        (s) => s.clientId === clientId && s.user.id === user.id && !replaces.includes(s.id),
      );
      const others = mine.filter((s) => isLive(s, createdAtMs)).sort((a, b) => orderOf(a) - orderOf(b));
      const otherRights = others.filter((s) => isRoleKnown && s.user.role && s.user.role !== user.role);
      const unused = (s: Session) => s.origin === "install" && s.lastActivityAtMs === s.createdAtMs;
      const counted = others.filter((s) => !otherRights.includes(s)).sort((a, b) => +unused(b) - +unused(a));
      const used = counted.filter((s) => !unused(s)).length;
      const full = limit.max > 0 && used >= limit.max;
      if (full && limit.atMax === "refuse-new") throw new SessionLimitError(user.id);

      remove(otherRights, "rights_changed");
      if (limit.max > 0) remove(counted.slice(0, Math.max(0, counted.length + 1 - limit.max)), "limit");
      remove(
        all().filter(({ id }) => replaces.includes(id)),
        "replaced",
      );
      const session = { ...given, tenantId, revision: 0, lastActivityAtMs: createdAtMs };
      rows.set(given.id, {
        session: structuredClone(session),
        secretHash,
        previous: [],
        changedAt: {},
        order: ++order,
      });
      log("started", session, null);
      return session;
    },

    async find(id) {
      const row = rows.get(id);
      if (!row || tenantOf(row.session.clientId) === undefined) return undefined;
      const { secretHash, previous, session } = row;
      return { session: structuredClone(session), secretHash, previous };
    },

    async touch(activity) {
      for (const [id, atMs] of activity) {
        const row = rows.get(id);
        if (row && isLive(row.session, atMs) && row.session.lastActivityAtMs < atMs)
          put(row, { lastActivityAtMs: atMs });
      }
    },

    async saveData(seen, { set, unset, overwrite, revision, maxBytes }, nowMs) {
      const row = live(seen, nowMs);
      if (!row) return undefined;
      const keys = [...Object.keys(set), ...unset];
      const changedSince = (key: string) =>
        Object.hasOwn(row.changedAt, key) && Number(row.changedAt[key]) > revision;
      const conflicts = keys.filter((key) => !overwrite.includes(key) && changedSince(key));
      if (conflicts.length > 0) throw new SessionConflictError(conflicts.sort());
      const kept = Object.entries({ ...row.session.data, ...set }).filter(([key]) => !unset.includes(key));
      const saved = { data: Object.fromEntries(kept), revision: row.session.revision + 1 };
      const changedAt = { ...row.changedAt, ...Object.fromEntries(keys.map((key) => [key, saved.revision])) };
      const bytes = Buffer.byteLength(JSON.stringify(saved.data) + JSON.stringify(changedAt));
      if (bytes > maxBytes) throw new SessionDataError(`at most ${maxBytes} bytes: use a table of their own`);
      put({ ...row, changedAt }, saved);
      return structuredClone(saved);
    },

    async rotate(seen, { from, to, graceUntilMs, role }, nowMs) {
      const row = live(seen, nowMs);
      if (!row?.secretHash.equals(from)) return false;
      const { user } = row.session;
      put(
        {
          ...row,
          secretHash: to,
          previous: [
            { secretHash: from, graceUntilMs },
            ...row.previous.filter((one) => nowMs < one.graceUntilMs),
          ],
        },
        { user: { ...user, role: role === undefined ? user.role : role } },
      );
      log("rotated", row.session, null);
      return true;
    },

    async renew(seen, expiresAtMs, nowMs) {
      const row = live(seen, nowMs);
      if (!row) return undefined;
      const endMs = Math.max(row.session.expiresAtMs, Math.min(expiresAtMs, row.session.renewableUntilMs));
      put(row, { expiresAtMs: endMs });
      return endMs;
    },

    end: async (id, reason) =>
      remove(
        all().filter((session) => session.id === id),
        reason,
      ) > 0,

    async endIdle({ id, lastActivityAtMs }, nowMs) {
      const found = rows.get(id)?.session;
      const session = found && {
        ...found,
        lastActivityAtMs: Math.max(found.lastActivityAtMs, lastActivityAtMs),
      };
      const idle = session && !isLive({ ...session, expiresAtMs: Number.POSITIVE_INFINITY }, nowMs);
      return idle ? remove([session], "idle") > 0 : false;
    },

    async endAll(scope, reason) {
      const { clientId, userId, exceptId } = { userId: undefined, exceptId: undefined, ...scope };
      marks.push({ clientId, userId, order: ++order });
      const inScope = (s: Session) =>
        s.clientId === (clientId ?? s.clientId) && s.user.id === (userId ?? s.user.id);
      return remove(
        all().filter((session) => inScope(session) && session.id !== exceptId),
        reason,
      );
    },
  };
  return withLatency(store);
}

function directoryOf(
  all: () => Session[],
  remove: (sessions: Session[], reason: EndReason) => number,
  events: () => SessionEvent[],
  keepEvents: (kept: SessionEvent[]) => void,
): SessionDirectory {
  const unused = (s: Session) => s.origin === "install" && s.lastActivityAtMs === s.createdAtMs;
  const live = (nowMs: number) => all().filter((session) => isLive(session, nowMs));
  const counted = (nowMs: number) => live(nowMs).filter((session) => !unused(session));
  const people = (sessions: Session[]) =>
    new Set(sessions.map(({ clientId, user }) => `${clientId} ${user.id}`)).size;
  const directory: SessionDirectory = {
    listOpen: async ({ clientId, userId }, nowMs, limit) =>
      live(nowMs)
        .filter((s) => s.clientId === (clientId ?? s.clientId) && s.user.id === (userId ?? s.user.id))
        .sort((a, b) => b.createdAtMs - a.createdAtMs)
        .slice(0, limit)
        .map(
          ({
            id,
            clientId: client,
            tenantId,
            user,
            origin,
            device,
            createdAtMs,
            expiresAtMs,
            lastActivityAtMs,
          }) => {
            const times = { createdAtMs, expiresAtMs, lastActivityAtMs };
            return { id, clientId: client, tenantId, user: nameOf(user), origin, device, ...times };
          },
        ),
    async stats(clientId, nowMs) {
      const theirs = counted(nowMs).filter((session) => session.clientId === clientId);
      return { openSessions: theirs.length, signedInUsers: people(theirs) };
    },
    async totals(nowMs) {
      const [total, active] = [all().length, counted(nowMs)];
      const idleMs = active.reduce((sum, session) => sum + nowMs - session.lastActivityAtMs, 0);
      const clients = new Set(active.map(({ clientId }) => clientId)).size;
      const meanIdleMinutes = idleMs / 60_000 / (active.length || 1);
      return {
        total,
        active: active.length,
        expired: total - live(nowMs).length,
        clients,
        users: people(active),
        meanIdleMinutes,
        countedAtMs: nowMs,
      };
    },
    async endings(sinceMs) {
      const counts: Partial<Record<EndReason, number>> = {};
      for (const { atMs, reason } of events())
        if (reason && atMs >= sinceMs) counts[reason] = (counts[reason] ?? 0) + 1;
      return counts;
    },
    events: async (of, limit) =>
      events()
        .filter((event) =>
          "sessionId" in of ? event.sessionId === of.sessionId : event.clientId === of.clientId,
        )
        .slice(0, limit),
    async cleanup(batch) {
      const due = all().filter(({ expiresAtMs }) => expiresAtMs < Date.now() - 60_000);
      const idleFirst = (s: Session) => !isLive(s, s.expiresAtMs - 1);
      return due.slice(0, batch).map((session) => remove([session], idleFirst(session) ? "idle" : "expired"))
        .length;
    },
    async cleanupEvents(batch, retentionDays) {
      const old = events().filter(({ atMs }) => atMs < Date.now() - retentionDays * 86_400_000);
      const gone = new Set(old.slice(0, batch));
      keepEvents(events().filter((event) => !gone.has(event)));
      return gone.size;
    },
    sweep: async (batch, retentionDays) => ({
      outcome: "swept",
      deleted: await directory.cleanup(batch),
      deletedEvents: await directory.cleanupEvents(batch, retentionDays),
    }),
  };
  return directory;
}

const nameOf = ({ id, name }: Session["user"]) => ({ id, name });

/** Each call reaches the store a moment later, and its answer comes back another moment later. */
function withLatency(store: SessionStore): SessionStore {
  const delayed = Object.entries(store).map(([name, call]) => [
    name,
    async (...args: never[]) => {
      await pause();
      const answer = await (call as (...args: never[]) => Promise<unknown>)(...args);
      await pause();
      return answer;
    },
  ]);
  return Object.fromEntries(delayed);
}
