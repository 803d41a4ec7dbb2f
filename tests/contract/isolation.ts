import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";

/** Isolation levels that a database may have by default, stricter than PostgreSQL's own. */
export const STRICTER_LEVELS = ["serializable", "repeatable read"];

/**
 * The SQL stores over a database with such a default; each instance has asked for the database's settings, as when it starts.
 * @param instance what the stores get of a driver, such as one that makes calls again after a conflict
 */
export async function openIsolated(
  isolation: string,
  instance = (db: Database) => db,
): Promise<StoresUnderTest> {
  const { url, sql, reset, drop } = await createTestDatabase();
  const name = new URL(url).pathname.slice(1);
  await sql.query(`alter database ${name} set default_transaction_isolation = '${isolation}'`);
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger, maxConnections: 4 };
  const openOne = () => instance(openPostgres(options));
  const [db, ...others] = [openOne(), openOne(), openOne()] as const;
  for (const each of [db, ...others]) await each.migrate();
  const close = () => Promise.all([db, ...others].map((each) => each.close())).then(drop);
  return { ...sqlStores(db, ...others), reset, close };
}
