import type pg from "pg";
import { ConfigurationError } from "../base/errors";
import type { SqlConnection } from "./migrations";

/** What of a database's own settings the app has to know. */
export type ServerSettings = {
  /** What a transaction is that does not say otherwise. */
  isReadCommitted: boolean;
};

/** @throws ConfigurationError where the database cannot hold all text there is */
export async function readServerSettings(connection: SqlConnection): Promise<ServerSettings> {
  const { rows } = await connection.query(
    "select getdatabaseencoding() as encoding, current_setting('default_transaction_isolation') as isolation",
  );
  const { encoding, isolation } = rows[0] ?? {};
  if (encoding !== "UTF8") {
    throw new ConfigurationError(
      `the database in DATABASE_URL has the encoding ${encoding}, and names need UTF8: make another with ` +
        `"create database … encoding 'UTF8' template template0", and name that one`,
    );
  }
  return { isReadCommitted: isolation === "read committed" };
}

/**
 * Runs a statement at the isolation level that the functions are written for, whatever the database's default is: they
 * take locks, and have to see what was committed while they waited. Two more round trips.
 */
export async function queryReadCommitted(pool: pg.Pool, query: pg.QueryConfig): Promise<pg.QueryResult> {
  const client = await pool.connect();
  try {
    await client.query("begin isolation level read committed");
    const result = await client.query(query);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
