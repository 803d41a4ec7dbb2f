import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger, maxConnections: 4 };
  const [db, ...others] = [openPostgres(options), openPostgres(options), openPostgres(options)] as const;
  const close = () => Promise.all([db, ...others].map((each) => each.close())).then(drop);
  return { ...sqlStores(db, ...others), reset, close };
}

describeClientStore("PostgreSQL", open);
describeSessionStore("PostgreSQL", open);
describeRemixSessionStorage("PostgreSQL", open);
