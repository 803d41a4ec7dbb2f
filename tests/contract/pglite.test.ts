import { PGlite } from "@electric-sql/pglite";
import { pgliteDatabase } from "../../app/lib/db/pglite";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const pglite = await PGlite.create();
  const db = pgliteDatabase({
    openInstance: async () => ({ db: pglite, unlock: async () => {} }),
    migrationsFolder: "supabase/migrations",
    logger: silentLogger,
  });
  await db.migrate();
  const reset = async () => void (await pglite.exec("truncate public.clients cascade"));
  return { ...sqlStores(db), reset, close: () => db.close() };
}

describeClientStore("PGlite", open);
describeSessionStore("PGlite", open);
describeRemixSessionStorage("PGlite", open, ["React Router 7"]);
