import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll } from "vitest";
import { pgliteDatabase } from "../../app/lib/db/pglite";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";
import { describeVault, type VaultUnderTest } from "./vault";

let server: OAuthServer;
beforeAll(async () => {
  server = await startOAuthServer();
});
afterAll(() => server.stop());

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };

async function postgres(): Promise<VaultUnderTest> {
  const { url, sql, drop } = await createTestDatabase();
  const open = () => openPostgres({ url, ...OPTIONS });
  const [a, b] = [open(), open()];
  return {
    dbs: [a, b],
    sql: async (statement) => (await sql.query(statement)).rows,
    close: () => Promise.all([a.close(), b.close()]).then(drop),
  };
}

async function supabase(): Promise<VaultUnderTest> {
  const { url, sql, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const open = () => openSupabase({ url: postgrest.url, serviceRoleKey: postgrest.key("service_role") });
  return {
    dbs: [open(), open()],
    sql: async (statement) => (await sql.query(statement)).rows,
    close: () => postgrest.stop().then(drop),
  };
}

/** One process holds it; the two vaults there know nothing of each other. */
async function pglite(): Promise<VaultUnderTest> {
  const embedded = await PGlite.create();
  const openInstance = async () => ({ db: embedded, unlock: async () => {} });
  const db = pgliteDatabase({ openInstance, ...OPTIONS });
  await db.migrate();
  return {
    dbs: [db, db],
    sql: async (statement) => (await embedded.query(statement)).rows,
    close: () => db.close(),
  };
}

describeVault("PostgreSQL", postgres, () => server);
describeVault("supabase-js and PostgREST", supabase, () => server);
describeVault("PGlite", pglite, () => server);
