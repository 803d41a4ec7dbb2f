import { type Clock, systemClock } from "../base/clock";
import type { RedisLink } from "../redis/link";
import type { InvalidationChannel } from "../sessions/channel";
import { createForgettingStore, type Forget } from "../sessions/forgetting-store";
import type { SessionStore } from "../sessions/store";
import { createVouching } from "../sessions/vouching";
import { createRedisEntries } from "./redis-entries";
import { APP_SESSIONS } from "./redis-kinds";
import { createRedisReader } from "./redis-reader";
import { createRedisStamps } from "./redis-stamps";
import { createRedisTrust } from "./redis-trust";

type RedisTierOptions = {
  /** Where the truth is; written first. */
  store: SessionStore;
  link: RedisLink;
  channel: InvalidationChannel;
  /** Passes a change on to the other instances, where the channel does not do so by itself. */
  tell?: Forget;
  /** Begins every key; one for each deployment. */
  prefix: string;
  /** How long Redis vouches for sessions while the store does not answer; 0: not at all. */
  vouchMs: number;
  clock?: Clock;
};

export type RedisTier = SessionStore & {
  /** Forgets what was ended past this store, before the one who did it answers. */
  forget: Forget;
};

/**
 * A store around a store: Redis answers `find` for all instances. It is asked only while the channel is alive, and
 * whatever is changed through here is taken from it before the change is answered. Without it everything goes on,
 * slower.
 */
export function createRedisTier(options: RedisTierOptions): RedisTier {
  const { store, link, channel, tell, prefix, vouchMs, clock = systemClock } = options;
  const kind = APP_SESSIONS;
  const entries = createRedisEntries(link, prefix, kind);
  const stamps = createRedisStamps(link, prefix);
  const trust = createRedisTrust({ link, kind, entries, stamps, channel });
  const reader = createRedisReader({ kind, entries, stamps, trust, clock });
  const vouching = createVouching({ limitMs: vouchMs });

  channel.subscribe((notice) => void trust.forget(notice));
  const forget: Forget = async (notice, change) => {
    await trust.forget(notice);
    await tell?.(notice, change);
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
      const { stored, lease } = await reader.look(id);
      if (stored) return stored;
      return vouching.read(
        () => reader.readAndFill(id, lease, () => store.find(id)),
        () => reader.recall(id),
      );
    },
  });
  return { ...forgetting, forget };
}
