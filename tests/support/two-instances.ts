import type pg from "pg";
import type { Database, Row } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "./database";
import { openEmbedded } from "./embedded-database";
import { openPooled } from "./pooled";
import { startPostgrest } from "./postgrest";
import { silentLogger } from "./silent-logger";

/** A database as two instances of the app reach it. */
export type TwoInstances = {
  dbs: [Database, Database];
  /** Runs a statement as the owner. */
  sql(statement: string): Promise<Row[]>;
  close(): Promise<unknown>;
};

const asOwner = (client: pg.Client) => async (statement: string) => (await client.query<Row>(statement)).rows;

export async function onPostgres(): Promise<TwoInstances> {
  const { url, sql, drop } = await createTestDatabase();
  const open = () => openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
  const [a, b] = [open(), open()];
  return { dbs: [a, b], sql: asOwner(sql), close: () => Promise.all([a.close(), b.close()]).then(drop) };
}

/** Needs PostgREST. */
export async function onSupabase(): Promise<TwoInstances> {
  const { url, sql, drop } = await createTestDatabase();
  // The strictest setting there is.
  const postgrest = await startPostgrest(url, { maxRows: 1 });
  const open = () => openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  return { dbs: [open(), open()], sql: asOwner(sql), close: () => postgrest.stop().then(drop) };
}

/** One process holds an embedded database: both instances share its driver. */
export async function onPglite(): Promise<TwoInstances> {
  const { db, pglite } = await openEmbedded();
  const sql = async (statement: string) => (await pglite.query<Row>(statement)).rows;
  return { dbs: [db, db], sql, close: () => db.close() };
}

/** Needs PgBouncer. */
export async function onPooler(): Promise<TwoInstances> {
  const { open, sql, close } = await openPooled();
  return { dbs: [open(), open()], sql: asOwner(sql), close };
}
