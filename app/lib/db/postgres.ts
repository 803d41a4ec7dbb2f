import pg from "pg";
import { SECOND_MS } from "../base/durations";
import { ConfigurationError, messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import { callStatement } from "./call-statement";
import type { Database } from "./database";
import { databaseFailure, sqlState } from "./failures";
import { applyMigrations, readMigrations } from "./migrations";

type PostgresOptions = { url: string; migrationsFolder: string; logger: Logger; maxConnections?: number };

/** Straight to PostgreSQL: a pool of node-postgres, each function a prepared statement. Connects at the first call. */
export function openPostgres({
  url,
  migrationsFolder,
  logger,
  maxConnections = 10,
}: PostgresOptions): Database {
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

  return {
    kind: "postgres",
    async call(name, args = {}) {
      const { text, values } = callStatement(name, args);
      try {
        return (await pool.query({ name, text, values })).rows;
      } catch (error) {
        throw databaseFailure(error, sqlState(error));
      }
    },
    async migrate() {
      const migrations = await readMigrations(migrationsFolder);
      // A connection of its own, without the pool's time limits: a migration may take its time.
      const client = new pg.Client({ connectionString: url, application_name: "libero migrations" });
      try {
        await client.connect();
        const applied = await applyMigrations(
          { query: (text, values) => client.query(text, values), run: (text) => client.query(text) },
          migrations,
        );
        if (applied.length > 0) logger.info({ applied }, "database migrated");
      } catch (error) {
        throw error instanceof ConfigurationError ? error : databaseFailure(error, sqlState(error));
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    close: () => pool.end(),
  };
}
