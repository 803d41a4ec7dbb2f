import pg from "pg";
import { SECOND_MS } from "../base/durations";
import { ConfigurationError, messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import { createConnectionCheck } from "./connection";
import type { Database } from "./database";
import { databaseFailure, sqlState } from "./failures";
import { createMigrator, type SqlConnection } from "./migrations";
import { callOver } from "./postgres-calls";
import { listenOnPostgres } from "./postgres-listener";
import { DEFAULT_SCHEMA } from "./schema";
import { readServerSettings, type ServerSettings } from "./server-settings";

type PostgresOptions = {
  url: string;
  /** Another address of the same database, for what a transaction pooler cannot carry: LISTEN, and long migrations. */
  directUrl?: string;
  schema?: string;
  migrationsFolder: string;
  logger: Logger;
  maxConnections?: number;
};

/** Straight to PostgreSQL: a pool of node-postgres, each function a prepared statement. Connects at the first call. */
export function openPostgres(options: PostgresOptions): Database {
  const { url, directUrl = url, schema = DEFAULT_SCHEMA, migrationsFolder, logger } = options;
  const pool = openPool(options);
  const pooled = createConnectionCheck({ url, logger });
  const direct = directUrl === url ? pooled : createConnectionCheck({ url: directUrl });
  const settings: ServerSettings = { isReadCommitted: true };
  const migrator = createMigrator({
    folder: migrationsFolder,
    schema,
    logger,
    connected: (work) =>
      onOneConnection(directUrl, async (connection) => {
        Object.assign(settings, await readServerSettings(connection));
        return work(connection);
      }),
  });
  return {
    kind: "postgres",
    call: callOver({ pool, schema, settings, connection: pooled }),
    connection: { find: () => classified(() => pooled.find()), known: pooled.known },
    listen: (channel, receive) =>
      listenOnPostgres({
        url: directUrl,
        channel,
        receive,
        logger,
        connection: direct,
        notify: (to, payload) => pool.query("select pg_notify($1, $2)", [to, payload]),
      }),
    ...migrator,
    async migrate() {
      // Before the first page, which would otherwise be the one to find out.
      await classified(() => pooled.find());
      await migrator.migrate();
    },
    close: () => pool.end(),
  };
}

function openPool({ url, logger, maxConnections = 10 }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "libero",
    max: maxConnections,
    connectionTimeoutMillis: 5 * SECOND_MS,
    // Statements that belong together travel together (limited-query.ts).
    pipeline: true,
    keepAlive: true,
  } as pg.PoolConfig);
  // An idle connection that breaks would otherwise end the process; the pool replaces it by itself.
  pool.on("error", (error) => logger.warn({ reason: messageOf(error) }, "an idle database connection broke"));
  return pool;
}

/** On a connection of its own, without the pool's time limits: a migration may take its time. */
async function onOneConnection<T>(url: string, work: (connection: SqlConnection) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "libero migrations",
    connectionTimeoutMillis: 5 * SECOND_MS,
  });
  try {
    return await classified(async () => {
      await client.connect();
      return work({
        query: (text, values) => client.query(text, values),
        run: (text) => client.query(text),
      });
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The driver's errors as the app's. */
async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ConfigurationError ? error : databaseFailure(error, sqlState(error));
  }
}
