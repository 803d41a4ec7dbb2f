import type { Database, Row } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "./database";
import { openEmbedded } from "./embedded-database";
import { openPooled } from "./pooled";
import { startPostgrest } from "./postgrest";
import { silentLogger } from "./silent-logger";

/** A database as two instances of the app reach it. */
export type TwoWires = {
  dbs: [Database, Database];
  /** Runs a statement by hand, as the owner. */
  sql(statement: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<unknown>;
};

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };

export async function overPostgres(): Promise<TwoWires> {
  const { url, sql, drop } = await createTestDatabase();
  const open = () => openPostgres({ url, ...OPTIONS });
  const [a, b] = [open(), open()];
  return {
    dbs: [a, b],
    sql: async (statement, values) => (await sql.query(statement, values)).rows,
    close: () => Promise.all([a.close(), b.close()]).then(drop),
  };
}

/** Needs PostgREST. */
export async function overSupabase(): Promise<TwoWires> {
  const { url, sql, drop } = await createTestDatabase();
  // The strictest setting there is.
  const postgrest = await startPostgrest(url, { maxRows: 1 });
  const open = () => openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  return {
    dbs: [open(), open()],
    sql: async (statement, values) => (await sql.query(statement, values)).rows,
    close: () => postgrest.stop().then(drop),
  };
}

/** One process holds it; what shares it there knows nothing of the other. */
export async function overPglite(): Promise<TwoWires> {
  const { db, pglite } = await openEmbedded();
  return {
    dbs: [db, db],
    sql: async (statement, values) => (await pglite.query<Row>(statement, values)).rows,
    close: () => db.close(),
  };
}

/** Needs PgBouncer. */
export async function overPooler(): Promise<TwoWires> {
  const pooled = await openPooled();
  return {
    dbs: [pooled.open(), pooled.open()],
    sql: async (statement, values) => (await pooled.sql.query(statement, values)).rows,
    close: pooled.close,
  };
}
