import { createSessionCache, type SessionCacheOptions } from "./cache";
import type { InvalidationChannel, Notice } from "./channel";
import type { SessionDirectory } from "./directory";
import type { SessionStore } from "./store";

type CachedStoreOptions = SessionCacheOptions & { store: SessionStore; channel: InvalidationChannel };

export type CachedStore = SessionStore & {
  /** Forgets what was ended past this store, before the one who did it answers. */
  forget(notice: Notice): void;
};

/**
 * A store around a store: answers `find` from memory while the channel is alive, and asks the store otherwise.
 * Whatever it changes it forgets before it answers; the channel tells the other instances.
 */
export function createCachedStore({ store, channel, ...options }: CachedStoreOptions): CachedStore {
  const cache = createSessionCache(options);
  const forget = (notice: Notice) => cache.forget(notice);
  channel.subscribe(forget);

  /** Does it, and forgets, whether it failed or not: an answer that was lost may have been a yes. */
  const andForget = async <T>(notice: Notice, change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      forget(notice);
    }
  };
  const one = (id: string) => ({ sessionIds: [id] });

  return {
    ...passedOn(store),
    find(id, options) {
      const epoch = options?.fresh ? undefined : channel.epoch();
      return epoch === undefined ? store.find(id, options) : cache.find(id, epoch, () => store.find(id));
    },
    create(session) {
      const { clientId, user, replaces } = session;
      // It may end others of its user (of them alone: a sign-in must not empty the cache of a large client), and the
      // one it replaces, which may be somebody else's.
      const created = andForget({ clientId, userId: user.id }, store.create(session));
      return replaces === undefined ? created : andForget(one(replaces), created);
    },
    saveData: (seen, patch, nowMs) => andForget(one(seen.id), store.saveData(seen, patch, nowMs)),
    rotate: (seen, rotation, nowMs) => andForget(one(seen.id), store.rotate(seen, rotation, nowMs)),
    renew: (seen, expiresAtMs, nowMs) => andForget(one(seen.id), store.renew(seen, expiresAtMs, nowMs)),
    end: (id, reason) => andForget(one(id), store.end(id, reason)),
    endIdle: (id, nowMs) => andForget(one(id), store.endIdle(id, nowMs)),
    endAll: (scope, reason, nowMs) =>
      andForget(scope.clientId === undefined ? "all" : scope, store.endAll(scope, reason, nowMs)),
    forget,
  };
}

/** What has nothing to do with memory. Method by method: a store may be an instance of a class. */
function passedOn(store: SessionStore): SessionDirectory & Pick<SessionStore, "touch"> {
  return {
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
