import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import type { Clock } from "../../app/lib/base/clock";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import type { HttpSessionStore } from "../../app/lib/http-sessions/store";
import { parseRedisAddress, type RedisAddress } from "../../app/lib/redis/address";
import { openRedisLink } from "../../app/lib/redis/link";
import { createRedisChannel } from "../../app/lib/session-stores/redis-channel";
import { createRedisHttpSessions } from "../../app/lib/session-stores/redis-http-tier";
import { createSqlChannel } from "../../app/lib/session-stores/sql-channel";
import { createTestDatabase } from "./database";
import { startRedis } from "./redis-server";
import { silentLogger } from "./silent-logger";

/** The same HTTP sessions as two instances of the app see them, each over a wire of its own. */
export type HttpStores = { instances: [HttpSessionStore, HttpSessionStore]; close(): Promise<unknown> };

export type OpenHttpStores = (clock?: Clock) => Promise<HttpStores>;

/** Needs redis-server. */
export async function redisBeforePostgres(clock?: Clock): Promise<HttpStores> {
  const { url, drop } = await createTestDatabase();
  const redis = await startRedis();
  const prefix = randomUUID();
  const openOne = () =>
    redisBefore(openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger }), {
      url: redis.url,
      prefix,
      clock,
    });
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
