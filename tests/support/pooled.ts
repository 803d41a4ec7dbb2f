import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "./database";
import { startPgbouncer } from "./pgbouncer";
import { silentLogger } from "./silent-logger";

type Options = Partial<Parameters<typeof openPostgres>[0]>;

export type Pooled = Awaited<ReturnType<typeof openPooled>>;

/** A database of the test's own behind a real PgBouncer, as several instances of the app reach it. */
export async function openPooled(
  settings: Partial<Parameters<typeof startPgbouncer>[1]> = {},
  template?: "migrated" | "bare",
) {
  const database = await createTestDatabase(template);
  const pooler = await startPgbouncer(database.url, {
    pool_mode: "transaction",
    default_pool_size: 5,
    ...settings,
  });
  const url = pooler.through(database.url);
  const opened: Database[] = [];
  return {
    ...database,
    /** The address through PgBouncer. */
    url,
    /** The address without it. */
    directUrl: database.url,
    pooler,
    /** An instance of its own. */
    open(options: Options = {}) {
      const db = openPostgres({
        ...{ url, migrationsFolder: "supabase/migrations", logger: silentLogger },
        ...options,
      });
      opened.push(db);
      return db;
    },
    async close() {
      await Promise.all(opened.map((db) => db.close()));
      await pooler.stop();
      await database.drop();
    },
  };
}
