import type pg from "pg";
import { isStatementPooler } from "./connection-hints";
import type { Connection } from "./database";

/** The server gives up a moment before the client does, so that its answer says which of both was slow. */
const SERVER_SHARE = 0.9;

type LimitedQueryOptions = {
  /** How long the statement may take. */
  timeoutMs: number;
  /** How connections lead to the server; undefined where that is not known yet. */
  mode: Connection["mode"] | undefined;
  /** Whether a statement by itself runs at the isolation level that the functions are written for. */
  isReadCommitted: boolean;
};

export type LimitedQuery = (query: pg.QueryConfig, options: LimitedQueryOptions) => Promise<pg.QueryResult>;

/**
 * Runs statements on connections of a pool whose option `pipeline` is set, under a limit that the server enforces
 * (`statement_timeout`): one that only the client knows leaves the statement running. A connection that is ours alone keeps its
 * limit until a statement needs another; behind a transaction pooler the limit is set for one transaction. In each case all
 * statements travel together, in one round trip. Behind a pooler that pools statements the client's limit is the only one.
 *
 * The functions take locks, and have to see what was committed while they waited: they need read committed, whatever the
 * database's default is.
 * @throws the driver's error
 */
export function createLimitedQuery(pool: pg.Pool): LimitedQuery {
  const limits = new WeakMap<pg.PoolClient, number>();
  let checking: Promise<boolean> | undefined;

  const runAlone = (client: pg.PoolClient, query: pg.QueryConfig, limitMs: number) => {
    if (limits.get(client) !== limitMs) {
      limits.set(client, limitMs);
      // Where this fails, so does the query behind it.
      client.query(`set statement_timeout = ${limitMs}`).catch(() => undefined);
    }
    return client.query(query);
  };
  const runInTransaction = async (client: pg.PoolClient, query: pg.QueryConfig, limitMs: number) => {
    const begin = `begin isolation level read committed; set local statement_timeout = ${limitMs}`;
    const [, result] = await Promise.all([client.query(begin), client.query(query), client.query("commit")]);
    return result;
  };
  const takesTransactions = () => {
    checking ??= canBegin(pool).catch((error) => {
      checking = undefined;
      throw error;
    });
    return checking;
  };

  return async (query, { timeoutMs, mode, isReadCommitted }) => {
    const limitMs = Math.round(SERVER_SHARE * timeoutMs);
    const limited = { ...query, query_timeout: timeoutMs };
    if (isReadCommitted && (mode === "direct" || mode === "session pooler")) {
      return withClient(pool, (client) => runAlone(client, limited, limitMs));
    }
    const isPlain = isReadCommitted && mode === undefined;
    return isPlain || !(await takesTransactions())
      ? withClient(pool, (client) => client.query(limited))
      : withClient(pool, (client) => runInTransaction(client, limited, limitMs));
  };
}

/** Asked before the first transaction: what travels behind a `begin` that is refused would be executed by itself. */
async function canBegin(pool: pg.Pool): Promise<boolean> {
  try {
    await withClient(pool, async (client) => {
      await client.query("begin");
      await client.query("rollback");
    });
    return true;
  } catch (error) {
    if (isStatementPooler(error)) return false;
    throw error;
  }
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool listens to idle connections alone: without a listener, one that breaks would end the process.
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    return await work(client);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}
