import { DAY_MS, MINUTE_MS } from "../base/durations";
import type { RedisClient } from "../redis/client";
import type { RedisLink } from "../redis/link";
import type { Notice } from "../sessions/channel";

/**
 * Stamps order what happens to sessions, on the one clock that all instances share: each is larger than every one
 * before it. An entry bears the newest stamp that its reader knew before it read, so an entry whose stamp is not
 * below that of an "end all" was read after it.
 */
export interface RedisStamps {
  /** @throws UnavailableError */
  next(): Promise<number>;

  /** The last one that anybody drew; 0 where there is none. @throws UnavailableError */
  newest(): Promise<number>;

  /** The next stamp, left as a mark on all of a scope: what bears an older one is over. @throws UnavailableError */
  mark(scope: Scope): Promise<number>;

  /** The newest mark on any of these scopes, by name; 0 where there is none. @throws UnavailableError */
  newestMark(scopes: readonly string[]): Promise<number>;
}

/** A notice that names nothing by itself. */
export type Scope =
  | Exclude<Notice, { sessionIds: unknown } | { httpSessions: unknown }>
  | { httpSessions: "all" };

/** How long an entry may live. */
export const ENTRY_MS = 15 * MINUTE_MS;
/** A mark outlives every entry that it may concern. */
const MARK_MS = ENTRY_MS + MINUTE_MS;

/**
 * Made from the server's clock, so that they go on growing where Redis has forgotten the last one.
 * All keys share a hash tag: in a cluster they live on one node, as a script needs it.
 */
const STAMP = `
  local now = redis.call('TIME')
  local last = tonumber(redis.call('GET', KEYS[1]) or '0')
  local stamp = string.format('%.0f', math.max(last + 1, now[1] * 1000 + math.floor(now[2] / 1000)))
  redis.call('SET', KEYS[1], stamp, 'PX', ARGV[1])
  if KEYS[2] then redis.call('SET', KEYS[2], stamp, 'PX', ARGV[2]) end
  return stamp`;

type Commands = { liberoStamp(keys: number, ...keysAndTtls: (string | number)[]): Promise<string> };

export function createRedisStamps(link: RedisLink, prefix: string): RedisStamps {
  link.client.defineCommand("liberoStamp", { lua: STAMP });
  const scripts = (redis: RedisClient) => redis as unknown as Commands;
  const key = (name: string) => `{${prefix}:stamps}:${name}`;
  const last = key("last");
  const stamp = async (marks: string[], patient: boolean) => {
    const args = [last, ...marks, 30 * DAY_MS, MARK_MS];
    const drawn = link.run((redis) => scripts(redis).liberoStamp(1 + marks.length, ...args), { patient });
    return Number(await drawn);
  };

  return {
    next: () => stamp([], false),
    newest: async () => Number(await link.run((redis) => redis.get(last))),
    mark: (scope) => stamp([key(nameOf(scope))], true),
    async newestMark(scopes) {
      const marks = await link.run((redis) => redis.mget(scopes.map(key)), { patient: true });
      return Math.max(...marks.map(Number));
    },
  };
}

export function nameOf(scope: Scope): string {
  if (scope === "all") return "all";
  if ("httpSessions" in scope) return "http sessions";
  if ("tenantId" in scope) return `tenant ${scope.tenantId}`;
  return scope.userId === undefined
    ? `client ${scope.clientId}`
    : `client ${scope.clientId} user ${scope.userId}`;
}
