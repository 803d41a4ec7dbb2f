import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { Database, Row } from "./database";
import { DEFAULT_SCHEMA, inSchema, quoted } from "./schema";

/** One connection on which a transaction can run. */
export interface SqlConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  /** Several statements in one text, without parameters. */
  run(text: string): Promise<unknown>;
}

type Migration = { version: string; name: string; sql: string };

/** What is to be applied, and to which schema. */
export type Migrations = { schema: string; files: Migration[] };

/** Reads `<version>_<name>.sql` in the order of their versions. @throws ConfigurationError where there are none */
export async function readMigrations(folder: string, schema = DEFAULT_SCHEMA): Promise<Migrations> {
  const names = await readdir(folder).catch(() => []);
  const matches = names.map((file) => /^(\d+)_(.+)\.sql$/.exec(file)).filter((match) => match !== null);
  if (matches.length === 0) {
    throw new ConfigurationError(`no migrations in ${folder}: start Libero from its own folder`);
  }
  const files = matches.map(async ([file, version, name]) => ({
    version: version as string,
    name: name as string,
    sql: inSchema(await readFile(join(folder, file), "utf8"), schema),
  }));
  return { schema, files: (await Promise.all(files)).sort((a, b) => a.version.localeCompare(b.version)) };
}

/**
 * In `public`, the Supabase CLI's own history table, so that either tool finds nothing to do after the other;
 * another schema, which that tool does not know, carries its own.
 */
const historyOf = (schema: string) => (schema === DEFAULT_SCHEMA ? "supabase_migrations" : quoted(schema));

const createHistory = (schema: string) => `
  create schema if not exists ${historyOf(schema)};
  create table if not exists ${historyOf(schema)}.schema_migrations (version text not null primary key);
  alter table ${historyOf(schema)}.schema_migrations add column if not exists statements text[];
  alter table ${historyOf(schema)}.schema_migrations add column if not exists name text;
`;

/**
 * Applies what is pending, all of it or nothing; instances that start together wait for one another.
 * A database that is up to date is only read, so a role without the right to create is enough there.
 * @returns the versions that were applied
 * @throws ConfigurationError that names the migration that failed
 */
export async function applyMigrations(connection: SqlConnection, migrations: Migrations): Promise<string[]> {
  if ((await pendingMigrations(connection, migrations)).length === 0) return [];
  // An instance that waited for the lock has to see what was done meanwhile, whatever default_transaction_isolation is.
  await connection.run("begin isolation level read committed");
  try {
    await connection.run("select pg_advisory_xact_lock(hashtextextended('libero.migrations', 0))");
    await connection.run(createHistory(migrations.schema));
    const todo = await pendingMigrations(connection, migrations);
    for (const migration of todo) await applyOne(connection, migration, historyOf(migrations.schema));
    await connection.run("commit");
    return todo.map(({ version }) => version);
  } catch (error) {
    await connection.run("rollback").catch(() => undefined);
    throw error;
  }
}

type MigratorOptions = {
  folder: string;
  schema: string;
  logger: Logger;
  /** Does the work on one connection. */
  connected: <T>(work: (connection: SqlConnection) => Promise<T>) => Promise<T>;
};

/** The migrations of a direct wire. */
export function createMigrator(options: MigratorOptions): Pick<Database, "pendingMigrations" | "migrate"> {
  const { folder, schema, logger, connected } = options;
  return {
    async pendingMigrations() {
      const migrations = await readMigrations(folder, schema);
      const pending = await connected((connection) => pendingMigrations(connection, migrations));
      return pending.map(({ version, name }) => `${version}_${name}`);
    },
    async migrate() {
      const migrations = await readMigrations(folder, schema);
      const applied = await connected((connection) => applyMigrations(connection, migrations));
      if (applied.length > 0) logger.info({ applied }, "database migrated");
    },
  };
}

/** What of the migrations is not applied yet. */
async function pendingMigrations(
  connection: SqlConnection,
  { schema, files }: Migrations,
): Promise<Migration[]> {
  const history = `${historyOf(schema)}.schema_migrations`;
  const known = await connection.query("select to_regclass($1) as history", [history]);
  if (!known.rows[0]?.history) return files;
  const { rows } = await connection.query(`select version from ${history}`);
  const applied = new Set(rows.map(({ version }) => version));
  return files.filter(({ version }) => !applied.has(version));
}

async function applyOne(connection: SqlConnection, { version, name, sql }: Migration, history: string) {
  try {
    await connection.run(sql);
    await connection.query(
      `insert into ${history}.schema_migrations (version, name, statements) values ($1, $2, array[$3::text])`,
      [version, name, sql],
    );
  } catch (error) {
    throw new ConfigurationError(`migration ${version}_${name} did not apply: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
