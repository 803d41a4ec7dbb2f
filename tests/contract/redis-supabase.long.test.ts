import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { hasPostgrest, startPostgrest } from "../support/postgrest";
import { hasRedis, startRedis } from "../support/redis-server";
import { type StoresUnderTest, tieredStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, sql, drop } = await createTestDatabase();
  const redis = await startRedis();
  const postgrest = await startPostgrest(url);
  const prefix = randomUUID();
  const openOne = (cache: boolean) => {
    const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
    return tieredStores(db, { redisUrl: redis.url, prefix, cache });
  };
  const instances = await Promise.all([openOne(false), openOne(true)]);
  const workers = instances.map(({ sessions }) => sessions);
  return {
    ...instances[0],
    workers,
    // Past the triggers, which would close every channel for a moment: each test shall find them open.
    reset: async () =>
      void (await sql.query(
        "set session_replication_role = replica; truncate public.clients cascade; reset session_replication_role",
      )),
    async close() {
      await Promise.all(instances.map((instance) => instance.close()));
      await Promise.all([redis.stop(), postgrest.stop()]);
      await drop();
    },
  };
}

describe.skipIf(!hasRedis || !hasPostgrest)("with redis-server and PostgREST", () => {
  describeClientStore("Redis in front of supabase-js", open);
  // The wire and the tier are each held to ten thousand; together, at an HTTP request a step, to fewer.
  describeSessionStore("Redis in front of supabase-js", open, { longInterleavings: 1_000 });
});
