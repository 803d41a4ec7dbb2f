import pg from "pg";
import { SECOND_MS } from "../base/durations";
import { ConfigurationError, isReadOnly, messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import { callStatement } from "./call-statement";
import type { CallArguments, CallOptions, Database, Row } from "./database";
import { databaseFailure, isBrokenConnection, sqlState } from "./failures";
import { createIdleConnectionCloser } from "./idle-connections";
import { createMigrator, type SqlConnection } from "./migrations";
import { listenOnPostgres } from "./postgres-listener";
import { DEFAULT_SCHEMA } from "./schema";
import { queryReadCommitted, readServerSettings, type ServerSettings } from "./server-settings";

/**
 * "Cached plan must not change result type": a newer instance has migrated beside us, and a function answers more
 * than it did when its statement was prepared. Under another name it is prepared anew.
 */
const STALE_PLAN = "0A000";

/** Where connections are terminated, the next idle one of the pool may be dead as well. */
const MOST_TRIES = 3;

type PostgresOptions = {
  url: string;
  schema?: string;
  migrationsFolder: string;
  logger: Logger;
  maxConnections?: number;
};

/** Straight to PostgreSQL: a pool of node-postgres, each function a prepared statement. Connects at the first call. */
export function openPostgres(options: PostgresOptions): Database {
  const { url, schema = DEFAULT_SCHEMA, migrationsFolder, logger, maxConnections = 10 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "libero",
    max: maxConnections,
    connectionTimeoutMillis: 5 * SECOND_MS,
    query_timeout: 10 * SECOND_MS,
    keepAlive: true,
  });
  // An idle connection that breaks would otherwise end the process; the pool replaces it by itself.
  pool.on("error", (error) => logger.warn({ reason: messageOf(error) }, "an idle database connection broke"));

  const settings: ServerSettings = { isReadCommitted: true };
  const call = callOver(pool, schema, settings);
  return {
    kind: "postgres",
    call: (name, args = {}, options = {}) => call(name, args, options),
    listen: (channel, receive) =>
      listenOnPostgres({
        url,
        channel,
        receive,
        logger,
        notify: (to, payload) => pool.query("select pg_notify($1, $2)", [to, payload]),
      }),
    ...createMigrator({
      folder: migrationsFolder,
      schema,
      logger,
      connected: (work) =>
        onOneConnection(url, async (connection) => {
          Object.assign(settings, await readServerSettings(connection));
          return work(connection);
        }),
    }),
    close: () => pool.end(),
  };
}

/** Each function as a prepared statement, on whichever connection is free. */
function callOver(pool: pg.Pool, schema: string, settings: ServerSettings) {
  let plans = 0;
  const closeIdleConnections = createIdleConnectionCloser(pool);
  const call = async (
    name: string,
    args: CallArguments,
    options: CallOptions,
    triesLeft = MOST_TRIES,
  ): Promise<Row[]> => {
    const { text, values } = callStatement(schema, name, args);
    const planned = plans;
    try {
      const limit = options.timeoutMs && { query_timeout: options.timeoutMs };
      const query = { name: `${name} ${planned}`, text, values, ...limit };
      const direct = options.readOnly || settings.isReadCommitted;
      return (await (direct ? pool.query(query) : queryReadCommitted(pool, query))).rows;
    } catch (error) {
      const stale = sqlState(error) === STALE_PLAN;
      const mends = stale || (options.readOnly && isBrokenConnection(error));
      if (!mends || triesLeft === 1) {
        const failure = databaseFailure(error, sqlState(error));
        // The pool closes the connection that failed; others may lead to the same server.
        if (isReadOnly(failure)) closeIdleConnections();
        throw failure;
      }
      if (stale && plans === planned) plans += 1;
      return call(name, args, options, triesLeft - 1);
    }
  };
  return call;
}

/** On a connection of its own, without the pool's time limits: a migration may take its time. */
async function onOneConnection<T>(url: string, work: (connection: SqlConnection) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "libero migrations",
    connectionTimeoutMillis: 5 * SECOND_MS,
  });
  try {
    await client.connect();
    return await work({
      query: (text, values) => client.query(text, values),
      run: (text) => client.query(text),
    });
  } catch (error) {
    throw error instanceof ConfigurationError ? error : databaseFailure(error, sqlState(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}
