import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const db = openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
  return { ...sqlStores(db), reset, close: () => db.close().then(drop) };
}

describeClientStore("PostgreSQL", open);
describeSessionStore("PostgreSQL", open);
