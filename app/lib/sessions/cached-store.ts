import { createSessionCache, type SessionCacheOptions } from "./cache";
import type { CacheEntry } from "./cache-entries";
import type { InvalidationChannel } from "./channel";
import { createForgettingStore, type Forget } from "./forgetting-store";
import type { SessionMemory, SessionStore } from "./store";
import { createVouching } from "./vouching";

type CachedStoreOptions = SessionCacheOptions & {
  store: SessionStore;
  channel: InvalidationChannel;
  /** How long the cache vouches for sessions while the store does not answer; 0: not at all. */
  vouchMs?: number;
};

export type CachedStore = SessionStore & {
  /** Forgets what was ended past this store, before the one who did it answers. */
  forget: Forget;
};

/**
 * A store around a store: answers `find` from memory while the channel is alive, and asks the store otherwise.
 * Whatever it changes it forgets before it answers; the channel tells the other instances.
 */
export function createCachedStore({
  store,
  channel,
  vouchMs = 0,
  ...options
}: CachedStoreOptions): CachedStore {
  const cache = createSessionCache(options);
  const vouching = createVouching({ limitMs: vouchMs, monotonic: options.monotonic });
  channel.subscribe((notice) => cache.forget(notice));

  const forget: Forget = async (notice, change) => {
    cache.forget(notice);
    if (change === "ended") await vouching.settled(channel.epoch());
  };
  const forgetting = createForgettingStore({
    store,
    forget,
    async find(id, options) {
      // Nobody vouches for what has to be looked up where the truth is.
      if (options?.fresh)
        return vouching.read(
          () => store.find(id, options),
          () => undefined,
        );
      const epoch = channel.epoch();
      return vouching.read(
        () => (epoch === undefined ? store.find(id) : cache.find(id, epoch, () => store.find(id))),
        () => cache.recall(id),
      );
    },
  });
  const memory: SessionMemory = {
    place: cache.entry,
    at(place) {
      const epoch = channel.epoch();
      if (epoch === undefined) return undefined;
      vouching.heard();
      return cache.at(place as CacheEntry, epoch);
    },
  };
  return { ...forgetting, memory, forget };
}
