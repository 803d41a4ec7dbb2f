import { describe } from "vitest";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

/** As the app has it, which asks for the database's settings when it starts. */
async function open(isolation: string): Promise<StoresUnderTest> {
  const { url, sql, reset, drop } = await createTestDatabase();
  const name = new URL(url).pathname.slice(1);
  await sql.query(`alter database ${name} set default_transaction_isolation = '${isolation}'`);
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger, maxConnections: 4 };
  const openOne = () => guardDatabase(openPostgres(options), silentLogger);
  const [db, ...others] = [openOne(), openOne(), openOne()] as const;
  for (const each of [db, ...others]) await each.migrate();
  const close = () => Promise.all([db, ...others].map((each) => each.close())).then(drop);
  return { ...sqlStores(db, ...others), reset, close };
}

describe.each(["serializable", "repeatable read"])("default_transaction_isolation = %s", (isolation) => {
  describeClientStore("PostgreSQL", () => open(isolation));
  describeSessionStore("PostgreSQL", () => open(isolation), { longInterleavings: 300 });
});
