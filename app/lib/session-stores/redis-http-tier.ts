import { type Clock, systemClock } from "../base/clock";
import { keyOf } from "../http-sessions/key";
import type { HttpSession, HttpSessionStore } from "../http-sessions/store";
import type { RedisClient } from "../redis/client";
import type { RedisLink } from "../redis/link";
import type { InvalidationChannel } from "../sessions/channel";
import { type Forget, forgetAfter } from "../sessions/forgetting-store";
import { createRedisEntries, entryKey } from "./redis-entries";
import type { RedisKind } from "./redis-kinds";
import { createRedisReader } from "./redis-reader";
import { createRedisStamps, nameOf } from "./redis-stamps";
import { createRedisTrust } from "./redis-trust";

type Stored = HttpSession & { key: string };

const EVERY = { httpSessions: "all" } as const;

/** The stamp and the end on a line of their own: a touch changes no more than that. */
const HTTP_SESSIONS: RedisKind<Stored> = {
  format: "http-1",
  write: ({ data, expiresAtMs }, stamp) => `${stamp} ${expiresAtMs}\n${JSON.stringify(data)}`,
  parse(key, value) {
    const cut = value.indexOf("\n");
    const [stamp, expiresAtMs] = value.slice(0, cut).split(" ").map(Number) as [number, number];
    return { stamp, stored: { key, data: JSON.parse(value.slice(cut + 1)), expiresAtMs } };
  },
  idOf: ({ key }) => key,
  scopesOf: () => ["all" as const, EVERY].map(nameOf),
  meantBy(notice) {
    if (notice === "all") return { scope: notice };
    if (!("httpSessions" in notice)) return undefined;
    return notice.httpSessions === "all" ? { scope: EVERY } : { ids: notice.httpSessions };
  },
  isLive: ({ expiresAtMs }, nowMs) => expiresAtMs > nowMs,
  expiresAtMs: ({ expiresAtMs }) => expiresAtMs,
};

/** Moves the end of an entry forward. A lease goes: what is filled in under it was read before. */
const ROLL = `
  local found = redis.call('GET', KEYS[1])
  if not found then return 0 end
  local stamp, ends, data = string.match(found, '^(%d+) (%d+)(\\n.*)$')
  if not stamp then return redis.call('DEL', KEYS[1]) end
  if tonumber(ends) >= tonumber(ARGV[1]) then return 0 end
  redis.call('SET', KEYS[1], stamp .. ' ' .. ARGV[1] .. data, 'KEEPTTL')
  return 1`;

type Commands = { liberoRoll(key: string, expiresAtMs: number): Promise<number> };

type HttpTierOptions = {
  /** Where the truth is; written first. */
  store: HttpSessionStore;
  link: RedisLink;
  channel: InvalidationChannel;
  /** Passes a change on to the other instances, where the channel does not do so by itself. */
  tell?: Forget;
  /** Begins every key; one for each deployment. */
  prefix: string;
  clock?: Clock;
};

/**
 * HTTP sessions with Redis before the store, by the same rules as the app's own (`redis-tier.ts`). While the store does
 * not answer nobody vouches for them: a session that cannot be saved is of no use to a form.
 */
export function createRedisHttpSessions(options: HttpTierOptions): HttpSessionStore {
  const { store, link, channel, tell, prefix, clock = systemClock } = options;
  const kind = HTTP_SESSIONS;
  const entries = createRedisEntries(link, prefix, kind);
  const stamps = createRedisStamps(link, prefix);
  const trust = createRedisTrust({ link, kind, entries, stamps, channel });
  const reader = createRedisReader({ kind, entries, stamps, trust, clock });
  link.client.defineCommand("liberoRoll", { numberOfKeys: 1, lua: ROLL });
  const roll = (redis: RedisClient) => (redis as unknown as Commands).liberoRoll;

  channel.subscribe((notice) => void trust.forget(notice));
  const andForget = forgetAfter(async (notice, change) => {
    await trust.forget(notice);
    await tell?.(notice, change);
  });
  const one = (sid: string) => ({ httpSessions: [keyOf(sid)] });

  return {
    async get(sid) {
      const key = keyOf(sid);
      const { stored: remembered, lease } = await reader.look(key);
      const stored = remembered ?? (await reader.readAndFill(key, lease, () => read(store, sid, key)));
      return stored && { data: stored.data, expiresAtMs: stored.expiresAtMs };
    },
    set: (sid, session) => andForget(store.set(sid, session), one(sid), "changed"),
    async touch(sid, expiresAtMs) {
      const live = await store.touch(sid, expiresAtMs);
      const key = entryKey(prefix, kind, keyOf(sid));
      // Where it cannot be done, what is in Redis ends too early at worst, and the store is asked.
      if (live) await link.run((redis) => roll(redis).call(redis, key, expiresAtMs)).catch(() => undefined);
      return live;
    },
    destroy: (sid) => andForget(store.destroy(sid), one(sid), "ended"),
    end: (key) => andForget(store.end(key), { httpSessions: [key] }, "ended"),
    clear: () => andForget(store.clear(), EVERY, "ended"),
    all: () => store.all(),
    length: () => store.length(),
    cleanup: (batch) => store.cleanup(batch),
    sweep: (batch) => store.sweep(batch),
  };
}

async function read(store: HttpSessionStore, sid: string, key: string): Promise<Stored | undefined> {
  const session = await store.get(sid);
  return session && { key, ...session };
}
