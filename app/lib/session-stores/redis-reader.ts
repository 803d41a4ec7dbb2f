import type { Clock } from "../base/clock";
import { isLive } from "../sessions/policy";
import type { SessionStore, StoredSession } from "../sessions/store";
import type { RedisEntries } from "./redis-entries";
import { ENTRY_MS, type RedisStamps } from "./redis-stamps";
import type { RedisTrust } from "./redis-trust";

type ReaderParts = {
  store: Pick<SessionStore, "find">;
  entries: RedisEntries;
  stamps: RedisStamps;
  trust: RedisTrust;
  clock: Clock;
};

/** Reads sessions from Redis, and into it. Where Redis is of no help, it says so by saying nothing. */
export function createRedisReader({ store, entries, stamps, trust, clock }: ReaderParts) {
  const isUsable = ({ session }: StoredSession) => isLive(session, clock());

  return {
    /** The session; or the lease under which it may be filled in; or neither. */
    async look(id: string): Promise<{ stored?: StoredSession; lease?: string }> {
      if (trust.stamp() === undefined) await trust.settled();
      if (trust.stamp() === undefined) return {};
      try {
        const { entry, lease } = await entries.look(id);
        if (entry && trust.accepts(entry) && isUsable(entry.stored)) return { stored: entry.stored };
        // Others may have drawn stamps since: what is read now shall count for them, too.
        trust.saw(await stamps.newest());
        return { lease: lease ?? (await entries.lease(id)) };
      } catch {
        return {};
      }
    },

    /** The session from the store. It is put into Redis beside that: whoever asked need not wait, and it may fail. */
    async readAndFill(id: string, lease: string | undefined): Promise<StoredSession | undefined> {
      const stamp = trust.stamp();
      const stored = await store.find(id);
      if (stored && lease && stamp !== undefined && isUsable(stored)) {
        const ttlMs = Math.min(ENTRY_MS, stored.session.expiresAtMs - clock());
        void entries.fill(id, lease, { stored, stamp }, ttlMs).catch(() => undefined);
      }
      return stored;
    },

    /** The session that Redis still vouches for: nobody has taken it away since the store was last heard. */
    async recall(id: string): Promise<StoredSession | undefined> {
      try {
        const entry = await entries.peek(id);
        if (!entry || !trust.acceptedLast(entry) || !isUsable(entry.stored)) return undefined;
        return entry.stamp >= (await stamps.newestMark(entry.stored.session)) ? entry.stored : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
