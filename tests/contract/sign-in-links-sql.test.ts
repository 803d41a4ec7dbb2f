import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { openEmbedded } from "../support/embedded-database";
import { startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";
import { describeSignInLinks } from "./sign-in-links";

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };
const ROWS = "select to_jsonb(l)::text as row from public.sign_in_links l";

const keptIn =
  ({ sql }: Pick<TestDatabase, "sql">) =>
  async () =>
    (await sql.query(ROWS)).rows.map(({ row }) => row as string);

describeSignInLinks("PostgreSQL", async () => {
  const database = await createTestDatabase();
  const db = openPostgres({ url: database.url, ...OPTIONS });
  return {
    store: createSqlSignInLinkStore(db),
    sql: (statement) => database.sql.query(statement),
    kept: keptIn(database),
    close: () => db.close().then(database.drop),
  };
});

describeSignInLinks("supabase-js over PostgREST", async () => {
  const database = await createTestDatabase();
  const postgrest = await startPostgrest(database.url);
  const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  return {
    store: createSqlSignInLinkStore(db),
    sql: (statement) => database.sql.query(statement),
    kept: keptIn(database),
    close: () => postgrest.stop().then(database.drop),
  };
});

describeSignInLinks("PGlite", async () => {
  const { db, pglite } = await openEmbedded();
  return {
    store: createSqlSignInLinkStore(db),
    sql: (statement) => pglite.exec(statement),
    kept: async () => (await pglite.query<{ row: string }>(ROWS)).rows.map(({ row }) => row),
    close: () => db.close(),
  };
});
