import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

export type TestDatabase = {
  url: string;
  /** A connection of the test's own, as the owner. */
  sql: pg.Client;
  /** Empties the tables. */
  reset(): Promise<void>;
  drop(): Promise<void>;
};

/** A database of the test file's own, copied from `migrated` (or `bare`, without any of our tables). */
export async function createTestDatabase(template: "migrated" | "bare" = "migrated"): Promise<TestDatabase> {
  const server = inject("postgresServer");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(server, `create database ${name} template ${template}`);
  const url = `${server}/${name}`;
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  return {
    url,
    sql,
    reset: async () => void (await sql.query("truncate public.clients cascade")),
    async drop() {
      await sql.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(server: string, statement: string) {
  const client = new pg.Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
