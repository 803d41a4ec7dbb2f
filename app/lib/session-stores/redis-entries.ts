import { randomBytes } from "node:crypto";
import { SECOND_MS } from "../base/durations";
import type { RedisClient } from "../redis/client";
import type { RedisLink } from "../redis/link";
import type { Session } from "../sessions/session";
import type { StoredSession } from "../sessions/store";

/** A session as Redis keeps it: with the stamp that was the newest before it was read (`redis-stamps.ts`). */
export type Entry = { stored: StoredSession; stamp: number };

/** What a look at Redis brings: the session; or the lease under which it may be filled in. */
export type Look = { entry: Entry; lease?: undefined } | { lease: string; entry?: undefined };

export interface RedisEntries {
  /** @throws UnavailableError, as all of these */
  look(id: string): Promise<Look>;

  /** The session, if it is there; takes no lease. */
  peek(id: string): Promise<Entry | undefined>;

  /** A lease in place of whatever is there, which was of no use. */
  lease(id: string): Promise<string>;

  /** Puts the session where the lease is still the one that is there. */
  fill(id: string, lease: string, entry: Entry, ttlMs: number): Promise<void>;

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

/** The format of an entry, in its key: a version that writes another one reads none of these. */
const FORMAT = "session-1";

export function createRedisEntries(link: RedisLink, prefix: string): RedisEntries {
  link.client.defineCommand("liberoLook", { numberOfKeys: 1, lua: LOOK });
  link.client.defineCommand("liberoFill", { numberOfKeys: 1, lua: FILL });
  const scripts = (redis: RedisClient) => redis as unknown as Commands;
  const key = (id: string) => `${prefix}:${FORMAT}:${id}`;
  const newLease = () => `lease ${randomBytes(12).toString("base64url")}`;
  const isLease = (value: string) => value.startsWith("lease ");

  return {
    async look(id) {
      const found = await link.run((redis) => scripts(redis).liberoLook(key(id), newLease(), LEASE_MS));
      return isLease(found) ? { lease: found } : { entry: parse(id, found) };
    },
    async peek(id) {
      const found = await link.run((redis) => redis.get(key(id)), { patient: true });
      return found === null || isLease(found) ? undefined : parse(id, found);
    },
    async lease(id) {
      const lease = newLease();
      await link.run((redis) => redis.set(key(id), lease, "PX", LEASE_MS));
      return lease;
    },
    async fill(id, lease, entry, ttlMs) {
      await link.run((redis) => scripts(redis).liberoFill(key(id), lease, format(entry), Math.ceil(ttlMs)));
    },
    async remove(ids) {
      // Key by key: in a cluster each may live somewhere else. They travel together all the same.
      await link.run((redis) => Promise.all(ids.map((id) => redis.del(key(id)))), { patient: true });
    },
  };
}

type Kept = Omit<Session, "id"> & {
  stamp: number;
  hash: string;
  previous?: { hash: string; untilMs: number };
};

/** Hashes of secrets as in the database, and never a secret. */
function format({ stamp, stored: { session, secretHash, previous } }: Entry): string {
  const { id: _, ...rest } = session;
  const kept: Kept = {
    ...rest,
    stamp,
    hash: secretHash.toString("base64"),
    previous: previous && { hash: previous.secretHash.toString("base64"), untilMs: previous.graceUntilMs },
  };
  return JSON.stringify(kept);
}

function parse(id: string, value: string): Entry {
  const { stamp, hash, previous, ...session } = JSON.parse(value) as Kept;
  const stored = {
    session: { id, ...session },
    secretHash: Buffer.from(hash, "base64"),
    previous: previous && {
      secretHash: Buffer.from(previous.hash, "base64"),
      graceUntilMs: previous.untilMs,
    },
  };
  return { stamp, stored };
}
