import type { Database, Row } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "./database";
import { openEmbedded } from "./embedded-database";
import { startPostgrest } from "./postgrest";
import { silentLogger } from "./silent-logger";

/** A database as two instances of the app reach it. */
export type TwoWires = {
  dbs: [Database, Database];
  /** Runs a statement by hand, as the owner. */
  sql(statement: string): Promise<Row[]>;
  close(): Promise<unknown>;
};

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };

/** Every way to reach a database, by the name of its tests. */
export const WIRES: Record<string, () => Promise<TwoWires>> = {
  async PostgreSQL() {
    const { url, sql, drop } = await createTestDatabase();
    const open = () => openPostgres({ url, ...OPTIONS });
    const [a, b] = [open(), open()];
    return {
      dbs: [a, b],
      sql: async (statement) => (await sql.query(statement)).rows,
      close: () => Promise.all([a.close(), b.close()]).then(drop),
    };
  },

  async "supabase-js and PostgREST"() {
    const { url, sql, drop } = await createTestDatabase();
    // The strictest setting there is.
    const postgrest = await startPostgrest(url, { maxRows: 1 });
    const open = () => openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
    return {
      dbs: [open(), open()],
      sql: async (statement) => (await sql.query(statement)).rows,
      close: () => postgrest.stop().then(drop),
    };
  },

  /** One process holds it; who shares it there knows nothing of each other. */
  async PGlite() {
    const { db, pglite } = await openEmbedded();
    return {
      dbs: [db, db],
      sql: async (statement) => (await pglite.query<Row>(statement)).rows,
      close: () => db.close(),
    };
  },
};
