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
