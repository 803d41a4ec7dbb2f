import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { hasRedis, startRedis } from "../support/redis-server";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, tieredStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const redis = await startRedis();
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger, maxConnections: 4 };
  const prefix = randomUUID();
  // Two of four with a cache of their own in front, as the app has it; two that ask Redis each time.
  const openOne = (cache: boolean) =>
    tieredStores(openPostgres(options), { redisUrl: redis.url, prefix, cache });
  const instances = await Promise.all([openOne(false), openOne(true), openOne(false), openOne(true)]);
  const workers = instances.map(({ sessions }) => sessions);
  const close = () =>
    Promise.all(instances.map((instance) => instance.close()))
      .then(redis.stop)
      .then(drop);
  return { ...instances[0], workers, reset, close };
}

describe.skipIf(!hasRedis)("with redis-server", () => {
  describeClientStore("Redis in front of PostgreSQL", open);
  // Ten thousand are played where Redis restarts meanwhile: redis-restarting.test.ts.
  describeSessionStore("Redis in front of PostgreSQL", open, { longInterleavings: 2_000 });
});
