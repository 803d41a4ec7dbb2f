import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createRateLimits } from "../../app/lib/rate-limits/limits";
import { createTestDatabase } from "../support/database";
import { openEmbedded } from "../support/embedded-database";
import { startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";
import { type CountsUnderTest, describeRateLimits, LIMITS } from "./rate-limits";

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };
type Sql = (statement: string) => Promise<{ rows: unknown[] }>;

function countsIn(db: Database, sql: Sql, close: () => Promise<unknown>): CountsUnderTest {
  return {
    instance: () =>
      createRateLimits({ redis: undefined, db, limits: LIMITS, prefix: "test", logger: silentLogger }),
    async expire() {
      await sql("update public.rate_limits set expires_at = now() - interval '1 ms'");
    },
    kept: async () => JSON.stringify((await sql("select * from public.rate_limits")).rows),
    async close() {
      await close();
    },
  };
}

describeRateLimits("PostgreSQL", async () => {
  const { url, sql, drop } = await createTestDatabase();
  const db = openPostgres({ url, ...OPTIONS });
  return countsIn(
    db,
    (statement) => sql.query(statement),
    () => db.close().then(drop),
  );
});

describeRateLimits("supabase-js over PostgREST", async () => {
  const { url, sql, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  return countsIn(
    db,
    (statement) => sql.query(statement),
    () => postgrest.stop().then(drop),
  );
});

describeRateLimits("PGlite", async () => {
  const { db, pglite } = await openEmbedded();
  return countsIn(
    db,
    (statement) => pglite.query(statement),
    () => db.close(),
  );
});
