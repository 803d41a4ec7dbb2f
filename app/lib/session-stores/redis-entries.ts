import { randomBytes } from "node:crypto";
import { SECOND_MS } from "../base/durations";
import type { RedisClient } from "../redis/client";
import type { RedisLink } from "../redis/link";
import type { StoredSession } from "../sessions/store";
import type { Entry, RedisKind } from "./redis-kinds";

/** What a look at Redis brings: the session; or the lease under which it may be filled in. */
export type Look<T> = { entry: Entry<T>; lease?: undefined } | { lease: string; entry?: undefined };

export interface RedisEntries<T = StoredSession> {
  /** @throws UnavailableError, as all of these */
  look(id: string): Promise<Look<T>>;

  /** The session, if it is there; takes no lease. */
  peek(id: string): Promise<Entry<T> | undefined>;

  /** A lease in place of whatever is there, which was of no use. */
  lease(id: string): Promise<string>;

  /** Puts the session where the lease is still the one that is there. */
  fill(id: string, lease: string, entry: Entry<T>, ttlMs: number): Promise<void>;

  /** Takes the sessions away, and every lease on them with which a reader would bring one back. */
  remove(ids: readonly string[]): Promise<void>;
}

/** Whoever reads a session and takes longer to fill it in comes too late. */
const LEASE_MS = 5 * SECOND_MS;

/**
 * Look and lease in one step, after the leases of Facebook's memcache (Nishtala et al., "Scaling Memcache at Facebook",
 * NSDI 2013, 3.2.1): a fill counts only under the lease that its reader took before it read, and removing a session
 * removes the lease too. So what was read before a session changed or ended cannot be filled in after it. A lease that
 * is lost, evicted or too old costs a fill, and never more.
 */
const LOOK = `
  local found = redis.call('GET', KEYS[1])
  if found then return found end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return ARGV[1]`;

const FILL = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1`;

type Commands = {
  liberoLook(key: string, lease: string, leaseMs: number): Promise<string>;
  liberoFill(key: string, lease: string, value: string, ttlMs: number): Promise<number>;
};

/** Which key an entry has. */
export const entryKey = (prefix: string, { format }: { format: string }, id: string) =>
  `${prefix}:${format}:${id}`;

export function createRedisEntries<T>(link: RedisLink, prefix: string, kind: RedisKind<T>): RedisEntries<T> {
  link.client.defineCommand("liberoLook", { numberOfKeys: 1, lua: LOOK });
  link.client.defineCommand("liberoFill", { numberOfKeys: 1, lua: FILL });
  const scripts = (redis: RedisClient) => redis as unknown as Commands;
  const key = (id: string) => entryKey(prefix, kind, id);
  const newLease = () => `lease ${randomBytes(12).toString("base64url")}`;
  const isLease = (value: string) => value.startsWith("lease ");

  return {
    async look(id) {
      // Most are there: Redis is spared the script.
      const found =
        (await link.run((redis) => redis.get(key(id)))) ??
        (await link.run((redis) => scripts(redis).liberoLook(key(id), newLease(), LEASE_MS)));
      return isLease(found) ? { lease: found } : { entry: kind.parse(id, found) };
    },
    async peek(id) {
      const found = await link.run((redis) => redis.get(key(id)), { patient: true });
      return found === null || isLease(found) ? undefined : kind.parse(id, found);
    },
    async lease(id) {
      const lease = newLease();
      await link.run((redis) => redis.set(key(id), lease, "PX", LEASE_MS));
      return lease;
    },
    async fill(id, lease, entry, ttlMs) {
      // Now: whoever asked for the session may change it as soon as they have it.
      const value = kind.write(entry.stored, entry.stamp);
      await link.run((redis) => scripts(redis).liberoFill(key(id), lease, value, Math.ceil(ttlMs)));
    },
    async remove(ids) {
      // Key by key: in a cluster each may live somewhere else. They travel together all the same.
      await link.run((redis) => Promise.all(ids.map((id) => redis.del(key(id)))), { patient: true });
    },
  };
}
