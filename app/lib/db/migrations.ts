import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, messageOf } from "../base/errors";
import type { Row } from "./database";

/** One connection on which a transaction can run. */
export interface SqlConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  /** Several statements in one text, without parameters. */
  run(text: string): Promise<unknown>;
}

type Migration = { version: string; name: string; sql: string };

/** Reads `<version>_<name>.sql` in the order of their versions. @throws ConfigurationError where there are none */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = await readdir(folder).catch(() => []);
  const matches = files.map((file) => /^(\d+)_(.+)\.sql$/.exec(file)).filter((match) => match !== null);
  if (matches.length === 0) {
    throw new ConfigurationError(`no migrations in ${folder}: start Libero from its own folder`);
  }
  const migrations = matches.map(async ([file, version, name]) => ({
    version: version as string,
    name: name as string,
    sql: await readFile(join(folder, file), "utf8"),
  }));
  return (await Promise.all(migrations)).sort((a, b) => a.version.localeCompare(b.version));
}

/** The Supabase CLI's own history table, so that either tool finds nothing to do after the other. */
const HISTORY = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
  alter table supabase_migrations.schema_migrations add column if not exists statements text[];
  alter table supabase_migrations.schema_migrations add column if not exists name text;
`;

/**
 * Applies what is pending, all of it or nothing; instances that start together wait for one another.
 * A database that is up to date is only read, so a role without the right to create is enough there.
 * @returns the versions that were applied
 * @throws ConfigurationError that names the migration that failed
 */
export async function applyMigrations(connection: SqlConnection, migrations: Migration[]): Promise<string[]> {
  if ((await pending(connection, migrations)).length === 0) return [];
  await connection.run("begin");
  try {
    await connection.run("select pg_advisory_xact_lock(hashtextextended('libero.migrations', 0))");
    await connection.run(HISTORY);
    const todo = await pending(connection, migrations);
    for (const migration of todo) await applyOne(connection, migration);
    await connection.run("commit");
    return todo.map(({ version }) => version);
  } catch (error) {
    await connection.run("rollback").catch(() => undefined);
    throw error;
  }
}

async function pending(connection: SqlConnection, migrations: Migration[]): Promise<Migration[]> {
  const known = await connection.query(
    "select to_regclass('supabase_migrations.schema_migrations') as history",
  );
  if (!known.rows[0]?.history) return migrations;
  const { rows } = await connection.query("select version from supabase_migrations.schema_migrations");
  const applied = new Set(rows.map(({ version }) => version));
  return migrations.filter(({ version }) => !applied.has(version));
}

async function applyOne(connection: SqlConnection, { version, name, sql }: Migration): Promise<void> {
  try {
    await connection.run(sql);
    await connection.query(
      "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3::text])",
      [version, name, sql],
    );
  } catch (error) {
    throw new ConfigurationError(`migration ${version}_${name} did not apply: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
