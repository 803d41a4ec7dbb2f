import { setTimeout as sleep } from "node:timers/promises";
import type { BenchDatabase } from "../servers";

type Sql = Pick<BenchDatabase, "sql">;

const STATISTICS_WAIT_MS = 5_000;

/** How many bytes of write-ahead log the server has made so far, for all its databases. */
export async function walBytes({ sql }: Sql): Promise<number> {
  const { rows } = await sql.query("select pg_current_wal_insert_lsn() - '0/0' as bytes");
  return Number(rows[0].bytes);
}

/** Bytes on disk of a table's heap and of each of its indexes. */
export async function sizes({ sql }: Sql, table: string) {
  const { rows } = await sql.query(
    `select i.indexrelid::regclass::text as name, pg_relation_size(i.indexrelid)::float8 as bytes
     from pg_index i where i.indrelid = $1::regclass order by 1`,
    [table],
  );
  const heap = await sql.query("select pg_relation_size($1::regclass)::float8 as bytes", [table]);
  const indexes: { name: string; bytes: number }[] = rows;
  return {
    heapBytes: Number(heap.rows[0].bytes),
    indexBytes: indexes.reduce((sum, { bytes }) => sum + bytes, 0),
    indexes,
  };
}

export type Updates = { updates: number; heapOnly: number };

/**
 * Rows of a table that were updated so far, and how many of them without touching an index. Whoever wrote is to have
 * closed its connections: a session hands in the last of its statistics when it ends, which is waited for.
 */
export async function updatesOf({ sql }: Sql, table: string, atLeast: number): Promise<Updates> {
  const deadlineMs = performance.now() + STATISTICS_WAIT_MS;
  const others = async () => {
    const { rows } = await sql.query(
      `select from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return rows.length;
  };
  while ((await others()) > 0) {
    if (performance.now() > deadlineMs) throw new Error("whoever wrote still holds connections");
    await sleep(20);
  }
  const { rows } = await sql.query(
    `select n_tup_upd::float8 as updates, n_tup_hot_upd::float8 as "heapOnly"
     from pg_stat_all_tables where relid = $1::regclass`,
    [table],
  );
  if (rows[0].updates < atLeast) {
    throw new Error(`PostgreSQL counts ${rows[0].updates} updates of ${table}, of ${atLeast} that were made`);
  }
  return rows[0];
}
