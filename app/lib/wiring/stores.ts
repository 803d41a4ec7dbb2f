import { join } from "node:path";
import type { Logger } from "../base/logger";
import { createSqlClientStore } from "../clients/sql-client-store";
import type { Database } from "../db/database";
import { openPglite, openPgliteInMemory } from "../db/pglite";
import { openPostgres } from "../db/postgres";
import { openSupabase } from "../db/supabase";
import type { Env } from "../env.server";
import { createSqlHttpSessionStore } from "../http-sessions/sql";
import type { RedisLink } from "../redis/link";
import { forgetOnUninstall } from "../session-stores/forget-on-uninstall";
import { createRedisChannel } from "../session-stores/redis-channel";
import { createRedisHttpSessions } from "../session-stores/redis-http-tier";
import { createRedisTier } from "../session-stores/redis-tier";
import { createSqlSessionStore } from "../session-stores/sql";
import { createSqlChannel } from "../session-stores/sql-channel";
import { createCachedStore } from "../sessions/cached-store";
import type { Sweepable } from "../sessions/cleanup";
import type { SessionStore } from "../sessions/store";

export type Rooms = { db: Database; redis: RedisLink | undefined; logger: Logger };

export function openDatabase({ database }: Env, logger: Logger): Database {
  const migrationsFolder = join(process.cwd(), "supabase", "migrations");
  switch (database.kind) {
    case "postgres":
      return openPostgres({ ...database, migrationsFolder, logger });
    case "supabase":
      return openSupabase(database);
    case "pglite":
      return openPglite({ ...database, migrationsFolder, logger });
    case "memory":
      return openPgliteInMemory({ ...database, migrationsFolder, logger });
  }
}

/**
 * `store` is the truth, and what remembers it: Redis for all instances, a cache for this one. `truth` is the database alone,
 * for whoever examines it: nothing that remembers is asked, told or changed. `httpSessions` have ids that other
 * frameworks make.
 */
export function openStores(env: Env, { db, redis, logger }: Rooms) {
  const truth = createSqlSessionStore(db);
  const clients = createSqlClientStore(db);
  const http = createSqlHttpSessionStore({ db });
  const { sessionCache, sessionOutageMs } = env;
  const prefix = env.redis?.prefix ?? "";
  const caches = sessionCache.maxEntries > 0;
  const byRedis = redis && createRedisChannel({ link: redis, db, prefix, logger });
  const channel = redis || caches ? (createSqlChannel(db) ?? byRedis) : undefined;
  if (!channel) return { truth, store: truth, channel, clients, httpSessions: http };

  // Only the outermost memory that instances share can vouch for a session while the database is away.
  const tell = channel === byRedis ? byRedis?.tell : undefined;
  const tier =
    redis && createRedisTier({ store: truth, link: redis, channel, tell, prefix, vouchMs: sessionOutageMs });
  const vouchMs = tier ? 0 : sessionOutageMs;
  const cached = caches
    ? createCachedStore({ store: tier ?? truth, channel, vouchMs, ...sessionCache })
    : undefined;
  const httpSessions = redis
    ? createRedisHttpSessions({ store: http, link: redis, channel, tell, prefix })
    : http;
  const memories = [tier, cached].filter((memory) => memory !== undefined);
  const store = cached ?? tier ?? truth;
  return { truth, store, channel, clients: memories.reduce(forgetOnUninstall, clients), httpSessions };
}

/** What is cleaned up about every hour; the room of what was deleted comes last. */
export function sweptOf(
  { sessionEventRetentionDays }: Env,
  { vacuum }: Database,
  ...[store, ...others]: Swept
) {
  const vacuumed = vacuum && { sweep: () => vacuum().then(() => ({ deleted: 0 })) };
  return {
    store,
    others: vacuumed ? [...others, vacuumed] : others,
    eventRetentionDays: sessionEventRetentionDays,
  };
}

type Swept = [store: SessionStore, ...others: Sweepable[]];
