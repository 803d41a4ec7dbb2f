import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { cachedStores, type StoresUnderTest } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger, maxConnections: 4 };
  const openOne = () => cachedStores(openPostgres(options));
  const instances = await Promise.all([openOne(), openOne(), openOne(), openOne()]);
  const workers = instances.map(({ sessions }) => sessions);
  const close = () => Promise.all(instances.map((instance) => instance.close())).then(drop);
  return { ...instances[0], workers, reset, close };
}

describeClientStore("a cache in front of PostgreSQL", open);
describeSessionStore("a cache in front of PostgreSQL", open);
describeRemixSessionStorage("a cache in front of PostgreSQL", open, ["Remix 2"]);
