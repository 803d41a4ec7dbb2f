import type { Clock } from "../base/clock";
import type { RedisEntries } from "./redis-entries";
import type { RedisKind } from "./redis-kinds";
import { ENTRY_MS, type RedisStamps } from "./redis-stamps";
import type { RedisTrust } from "./redis-trust";

type ReaderParts<T> = {
  kind: RedisKind<T>;
  entries: RedisEntries<T>;
  stamps: RedisStamps;
  trust: RedisTrust<T>;
  clock: Clock;
};

/** Reads sessions from Redis, and into it. Where Redis is of no help, it says so by saying nothing. */
export function createRedisReader<T>({ kind, entries, stamps, trust, clock }: ReaderParts<T>) {
  const isUsable = (stored: T) => kind.isLive(stored, clock());

  return {
    /** The session; or the lease under which it may be filled in; or neither. */
    async look(id: string): Promise<{ stored?: T; lease?: string }> {
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

    /** What `read` brings. It is put into Redis beside that: whoever asked need not wait, and it may fail. */
    async readAndFill(
      id: string,
      lease: string | undefined,
      read: () => Promise<T | undefined>,
    ): Promise<T | undefined> {
      const stamp = trust.stamp();
      const stored = await read();
      if (stored && lease && stamp !== undefined && isUsable(stored)) {
        const ttlMs = Math.min(ENTRY_MS, kind.expiresAtMs(stored) - clock());
        void entries.fill(id, lease, { stored, stamp }, ttlMs).catch(() => undefined);
      }
      return stored;
    },

    /** The session that Redis still vouches for: nobody has taken it away since the store was last heard. */
    async recall(id: string): Promise<T | undefined> {
      try {
        const entry = await entries.peek(id);
        if (!entry || !trust.acceptedLast(entry) || !isUsable(entry.stored)) return undefined;
        const newestMark = await stamps.newestMark(kind.scopesOf(entry.stored));
        return entry.stamp >= newestMark ? entry.stored : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
