import pg from "pg";
import { percent } from "../measure/format";
import type { BenchDatabase } from "../servers";

/** How many parts a table is loaded in, so that progress can be told. */
const PARTS = 40;

/** As many as the machine that this is made for has cores. */
const LOADERS = 2;

/**
 * Fills a table as a restore from a dump does: without its indexes and keys, which are made anew by their own
 * definitions when the rows are in (so that each index is packed as tightly as it can be), then vacuumed and analyzed.
 * @param text an `insert … select` of what is numbered from `$1` up to and without `$2`, of so many
 */
export async function loadTable(
  database: Pick<BenchDatabase, "url" | "sql">,
  { table, count, text }: { table: string; count: number; text: string },
  say: (detail: string) => void,
): Promise<void> {
  const { sql } = database;
  await sql.query(`alter table ${table} set (autovacuum_enabled = off)`);
  const rebuild = await takeOff(database, table);
  await insertInParts(database.url, count, text, (share) => say(`${table}: ${percent(share * 100)} loaded`));
  await sql.query("set maintenance_work_mem = '1GB'");
  for (const statement of rebuild) {
    say(statement.slice(0, 80).toLowerCase());
    await sql.query(statement);
  }
  say(`vacuum analyze ${table}`);
  await sql.query(`alter table ${table} reset (autovacuum_enabled)`);
  await sql.query(`vacuum analyze ${table}`);
}

/** Drops keys and indexes. @returns the statements that make them again */
async function takeOff({ sql }: Pick<BenchDatabase, "sql">, table: string): Promise<string[]> {
  const keys = await sql.query(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1::regclass and contype in ('p', 'f') order by contype desc`,
    [table],
  );
  const indexes = await sql.query(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = $1::regclass and not exists (select from pg_constraint where conindid = indexrelid)`,
    [table],
  );
  for (const { name } of keys.rows) await sql.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes.rows) await sql.query(`drop index ${name}`);
  return [
    ...keys.rows.map(({ name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
    ...indexes.rows.map(({ definition }) => definition),
  ];
}

async function insertInParts(url: string, count: number, text: string, progress: (share: number) => void) {
  const part = Math.ceil(count / PARTS);
  let next = 0;
  let done = 0;
  const loader = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query("set synchronous_commit = off");
      while (next < count) {
        const from = next;
        const to = Math.min(count, from + part);
        next = to;
        await client.query(text, [from, to]);
        done += to - from;
        progress(done / count);
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, loader));
}
