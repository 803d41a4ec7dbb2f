import { PGlite } from "@electric-sql/pglite";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Database } from "../../app/lib/db/database";
import { pgliteDatabase } from "../../app/lib/db/pglite";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createTestDatabase } from "../support/database";
import { startPostgrest } from "../support/postgrest";
import { TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import { describeShopifySessions } from "./shopify-sessions";

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };
const seal = createTokenSeal(TOKEN_KEYS);
const over = (db: Database) => new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });

describeShopifySessions("PostgreSQL", async () => {
  const { url, sql, drop } = await createTestDatabase();
  const [db, other] = [openPostgres({ url, ...OPTIONS }), openPostgres({ url, ...OPTIONS })];
  return {
    storage: over(db),
    other: over(other),
    reset: async () => void (await sql.query("truncate public.shopify_sessions")),
    close: () => Promise.all([db.close(), other.close()]).then(drop),
  };
});

describeShopifySessions("supabase-js over PostgREST", async () => {
  const { url, sql, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const db = openSupabase({ url: postgrest.url, serviceRoleKey: postgrest.key("service_role") });
  return {
    storage: over(db),
    other: over(db),
    reset: async () => void (await sql.query("truncate public.shopify_sessions")),
    close: () => postgrest.stop().then(drop),
  };
});

describeShopifySessions("PGlite", async () => {
  const pglite = await PGlite.create();
  const openInstance = async () => ({ db: pglite, unlock: async () => {} });
  const db = pgliteDatabase({ openInstance, ...OPTIONS });
  await db.migrate();
  return {
    storage: over(db),
    other: over(db),
    reset: async () => void (await pglite.exec("truncate public.shopify_sessions")),
    close: () => db.close(),
  };
});
