import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../app/lib/base/logger";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createRateLimits } from "../../app/lib/rate-limits/limits";
import { openRedisClient, type RedisClient } from "../../app/lib/redis/client";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { hasRedis, startRedis } from "../support/redis-server";
import { silentLogger } from "../support/silent-logger";
import { type CountsUnderTest, describeRateLimits, LIMITS } from "./rate-limits";

const nobody = { call: () => Promise.reject(new Error("nobody asks the database")) } as unknown as Database;

const connectTo = async (port: number): Promise<RedisClient> => {
  const nodes = [{ host: "127.0.0.1", port }];
  const client = openRedisClient({ kind: "single", tls: false, nodes, db: 0 });
  await client.connect();
  return client;
};

async function open(): Promise<CountsUnderTest> {
  const server = await startRedis();
  const redis = await connectTo(server.port);
  const options = { redis, db: nobody, limits: LIMITS, prefix: "test", logger: silentLogger };
  return {
    instance: () => createRateLimits(options),
    async expire() {
      for (const key of await redis.keys("*")) await redis.pexpire(key, 0);
    },
    async kept() {
      const keys = await redis.keys("*");
      // Nothing stays in Redis for longer than its window.
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
      return JSON.stringify([keys, keys.length > 0 && (await redis.mget(keys))]);
    },
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}

describe.skipIf(!hasRedis)("with redis-server", () => {
  describeRateLimits("Redis", open);

  describe("D5: while Redis is away, the database counts", () => {
    let database: TestDatabase;
    let db: Database;
    let server: Awaited<ReturnType<typeof startRedis>>;
    let redis: RedisClient;
    beforeAll(async () => {
      database = await createTestDatabase();
      db = openPostgres({
        url: database.url,
        migrationsFolder: "supabase/migrations",
        logger: silentLogger,
      });
      await db.call("find_rate_limit", { p_key: "so that a connection is open" });
      server = await startRedis();
      redis = await connectTo(server.port);
    });
    afterEach(async () => void (await database.sql.query("truncate public.rate_limits")));
    afterAll(async () => {
      redis.disconnect();
      await server.stop();
      await db.close();
      await database.drop();
    });

    const keysInDatabase = async () => {
      const { rows } = await database.sql.query("select key, points from public.rate_limits order by 1");
      return rows;
    };
    const limitsWith = (log: Partial<Logger> = {}) => {
      const logger = { ...silentLogger, info: vi.fn(), warn: vi.fn(), error: vi.fn(), ...log } as Logger;
      return createRateLimits({ redis, db, limits: LIMITS, prefix: "test", logger });
    };
    const times = async (count: number, work: () => Promise<unknown>) => {
      for (let i = 0; i < count; i += 1) await work();
    };

    it("a Redis that hangs keeps nobody waiting, but for one attempt", async () => {
      const rateLimits = limitsWith();
      const admit = () => rateLimits.admit("signIns", "192.0.2.1");
      await admit();
      expect(await keysInDatabase()).toEqual([]);
      server.pause();
      try {
        const startedMs = performance.now();
        await times(10, admit);
        expect(performance.now() - startedMs).toBeLessThan(1_500);
        expect(await keysInDatabase()).toEqual([
          { key: expect.stringMatching(/signIns:address/), points: 10 },
        ]);
      } finally {
        server.resume();
      }
    });

    it("a Redis that is gone refuses nobody, counts go on, and the log has a line for each change", async () => {
      const [warn, info] = [vi.fn(), vi.fn()];
      const rateLimits = limitsWith({ warn, info });
      const admit = () => rateLimits.admit("signIns", "192.0.2.2");
      await times(3, admit);
      await server.kill();
      await times(LIMITS.signIns, async () => expect(await admit()).toEqual({ allowed: true }));
      expect(await admit()).toMatchObject({ allowed: false });
      expect(await keysInDatabase()).toMatchObject([{ points: LIMITS.signIns }]);

      await server.start();
      await vi.waitFor(
        async () => {
          await rateLimits.admit("signIns", "192.0.2.3");
          expect(info).toHaveBeenCalled();
        },
        { timeout: 10_000, interval: 100 },
      );
      const lines = [...warn.mock.calls, ...info.mock.calls].map(([, text]) => text);
      expect(lines).toEqual([
        "the count of rate limits in Redis is out of reach: the database counts",
        "the count of rate limits in Redis is back",
      ]);
      // Redis counts from the beginning: it has forgotten, and what the database counted stays there.
      expect(await admit()).toEqual({ allowed: true });
    });
  });
});
