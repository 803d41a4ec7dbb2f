import { UnavailableError } from "../base/errors";
import type { Notice } from "./channel";
import type { SessionDirectory } from "./directory";
import type { SessionStore } from "./store";

/** Whether sessions may have ended, or lost a secret; or are merely other than they were. */
export type Change = "ended" | "changed";

/** Forgets what is remembered of sessions; the one who changed them waits for it. */
export type Forget = (notice: Notice, change: Change) => Promise<void> | void;

type ForgettingStoreOptions = {
  store: SessionStore;
  find: SessionStore["find"];
  forget: Forget;
};

/**
 * Waits for what changes sessions, and forgets them before that is answered. It forgets where the change failed, too: an
 * answer that was lost may have been a yes.
 */
export function forgetAfter(forget: Forget) {
  return async <T>(work: Promise<T>, notice: Notice, change: Change = "ended"): Promise<T> => {
    let unasked = false;
    try {
      return await work;
    } catch (error) {
      unasked = error instanceof UnavailableError && error.unasked;
      throw error;
    } finally {
      if (!unasked) await forget(notice, change);
    }
  };
}

/**
 * A store around a store that remembers sessions: reads them by `find`, and forgets whatever is changed through it
 * before that is answered.
 */
export function createForgettingStore({ store, find, forget }: ForgettingStoreOptions): SessionStore {
  const andForget = forgetAfter(forget);
  const one = (id: string) => ({ sessionIds: [id] });

  return {
    ...passedOn(store),
    find,
    create(session) {
      const { clientId, user, replaces } = session;
      // It may end others of its user (of them alone: a sign-in must not empty the cache of a large client), and
      // those it replaces, which may be another user's.
      const created = andForget(store.create(session), { clientId, userId: user.id });
      return replaces.length === 0 ? created : andForget(created, { sessionIds: replaces });
    },
    saveData: (seen, patch, nowMs) => andForget(store.saveData(seen, patch, nowMs), one(seen.id), "changed"),
    rotate: (seen, rotation, nowMs) => andForget(store.rotate(seen, rotation, nowMs), one(seen.id)),
    async renew(seen, expiresAtMs, nowMs) {
      const renewed = await store.renew(seen, expiresAtMs, nowMs);
      // Not where it failed: what is remembered then ends too early at worst, and may have to vouch for the session.
      await forget(one(seen.id), "changed");
      return renewed;
    },
    end: (id, reason) => andForget(store.end(id, reason), one(id)),
    endIdle: (seen, nowMs) => andForget(store.endIdle(seen, nowMs), one(seen.id)),
    endAll: (scope, reason) =>
      andForget(store.endAll(scope, reason), scope.clientId === undefined ? "all" : scope),
  };
}

/** What has nothing to do with memory. Method by method: a store may be an instance of a class. */
function passedOn(store: SessionStore): SessionDirectory & Pick<SessionStore, "beginSignIn" | "touch"> {
  return {
    beginSignIn: () => store.beginSignIn(),
    touch: (activity) => store.touch(activity),
    listOpen: (of, nowMs, limit) => store.listOpen(of, nowMs, limit),
    stats: (clientId, nowMs) => store.stats(clientId, nowMs),
    totals: (nowMs) => store.totals(nowMs),
    endings: (sinceMs) => store.endings(sinceMs),
    events: (of, limit) => store.events(of, limit),
    cleanup: (batch) => store.cleanup(batch),
    cleanupEvents: (batch, retentionDays) => store.cleanupEvents(batch, retentionDays),
    sweep: (batch, retentionDays) => store.sweep(batch, retentionDays),
  };
}
