import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import type { Clock } from "../../app/lib/base/clock";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import type { HttpSessionStore } from "../../app/lib/http-sessions/store";
import { parseRedisAddress, type RedisAddress } from "../../app/lib/redis/address";
import { openRedisLink } from "../../app/lib/redis/link";
import { createRedisChannel } from "../../app/lib/session-stores/redis-channel";
import { createRedisHttpSessions } from "../../app/lib/session-stores/redis-http-tier";
import { createSqlChannel } from "../../app/lib/session-stores/sql-channel";
import { createTestDatabase } from "./database";
import { openEmbedded } from "./embedded-database";
import { startPostgrest } from "./postgrest";
import { hasRedis, startRedis } from "./redis-server";
import { silentLogger } from "./silent-logger";

const options = { migrationsFolder: "supabase/migrations", logger: silentLogger };

/** The same HTTP sessions as two instances of the app see them, each over a wire of its own. */
export type HttpStores = { instances: [HttpSessionStore, HttpSessionStore]; close(): Promise<unknown> };

type Open = (clock?: Clock) => Promise<HttpStores>;

async function onPglite(clock?: Clock): Promise<HttpStores> {
  const { db } = await openEmbedded();
  const store = createSqlHttpSessionStore({ db, clock });
  return { instances: [store, store], close: () => db.close() };
}

async function onPostgres(clock?: Clock): Promise<HttpStores> {
  const { url, drop } = await createTestDatabase();
  const wires = [openPostgres({ url, ...options }), openPostgres({ url, ...options })] as const;
  const instances = wires.map((db) => createSqlHttpSessionStore({ db, clock }));
  const close = async () => {
    for (const db of wires) await db.close();
    await drop();
  };
  return { instances: instances as HttpStores["instances"], close };
}

async function onPostgrest(clock?: Clock): Promise<HttpStores> {
  const { url, drop } = await createTestDatabase();
  // The strictest setting there is.
  const postgrest = await startPostgrest(url, { maxRows: 1 });
  const openOne = () => openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  const instances = [openOne(), openOne()].map((db) => createSqlHttpSessionStore({ db, clock }));
  const close = () => postgrest.stop().then(drop);
  return { instances: instances as HttpStores["instances"], close };
}

async function onRedisAndPostgres(clock?: Clock): Promise<HttpStores> {
  const { url, drop } = await createTestDatabase();
  const redis = await startRedis();
  const prefix = randomUUID();
  const openOne = () => redisBefore(openPostgres({ url, ...options }), { url: redis.url, prefix, clock });
  const instances = await Promise.all([openOne(), openOne()]);
  const close = async () => {
    for (const instance of instances) await instance.close();
    await redis.stop();
    await drop();
  };
  return { instances: [instances[0].store, instances[1].store], close };
}

type Before = { url: string; prefix: string; clock?: Clock; timeoutMs?: number };

/** One instance of the app with Redis between it and a database; ready when its channel is open. */
export async function redisBefore(db: Database, { url, prefix, clock, timeoutMs = 250 }: Before) {
  const address = parseRedisAddress(url) as RedisAddress;
  const link = openRedisLink({ address, timeoutMs, logger: silentLogger });
  await link.start();
  const byDatabase = createSqlChannel(db);
  const byRedis = createRedisChannel({ link, db, prefix, logger: silentLogger });
  const channel = byDatabase ?? byRedis;
  const truth = createSqlHttpSessionStore({ db, clock });
  const asked: string[] = [];
  const counting: HttpSessionStore = {
    ...truth,
    get(sid) {
      asked.push(sid);
      return truth.get(sid);
    },
  };
  const tell = byDatabase ? undefined : byRedis.tell;
  const store = createRedisHttpSessions({ store: counting, link, channel, tell, prefix, clock });
  channel.start();
  await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), { timeout: 10_000 });
  return {
    store,
    link,
    channel,
    /** The truth as this instance reaches it: a test may have it wait. */
    truth: counting,
    /** Ids that the truth was asked for. */
    asked,
    async close() {
      await channel.stop();
      await link.close();
      await db.close();
    },
  };
}

/** Every store of HTTP sessions that there is; those that need a redis-server only where there is one. */
export const HTTP_STORES: [name: string, open: Open, exists: boolean][] = [
  ["PGlite", onPglite, true],
  ["PostgreSQL", onPostgres, true],
  ["supabase-js over PostgREST", onPostgrest, true],
  ["Redis in front of PostgreSQL (needs redis-server)", onRedisAndPostgres, hasRedis],
];
