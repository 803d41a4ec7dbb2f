import type pg from "pg";
import { SECOND_MS } from "../base/durations";
import { isReadOnly, messageOf } from "../base/errors";
import { callStatement } from "./call-statement";
import type { ConnectionCheck } from "./connection";
import type { CallArguments, CallOptions, Row } from "./database";
import { databaseFailure, isBrokenConnection, sqlState } from "./failures";
import { closeIdleConnections, createIdleConnectionCloser } from "./idle-connections";
import { createLimitedQuery } from "./limited-query";
import type { ServerSettings } from "./server-settings";
import { createStatementNames } from "./statement-names";

/**
 * "Cached plan must not change result type": a newer instance has migrated beside us, and a function answers more
 * than it did when its statement was prepared. Under another name it is prepared again. PostgreSQL has no SQLSTATE of
 * its own for that (0A000 is also what a standby answers), but it names the function that found out.
 */
const STALE_PLAN = { code: "0A000", routine: "RevalidateCachedQuery" };

const MAX_TRIES = 3;

/** Of a call that names no limit of its own. */
const DEFAULT_TIMEOUT_MS = 10 * SECOND_MS;

type CallerOptions = {
  pool: pg.Pool;
  schema: string;
  /** As far as they are known. */
  settings: ServerSettings;
  connection: ConnectionCheck;
};

/**
 * Each function as a prepared statement, on whichever connection is free: named, so that the server plans it once; unnamed behind
 * a transaction pooler, where the next call may meet a server connection that does not know the name.
 */
export function callOver({ pool, schema, settings, connection }: CallerOptions) {
  const names = createStatementNames();
  const runLimited = createLimitedQuery(pool);
  const leaveReadOnlyServer = createIdleConnectionCloser(pool);

  /** Whether the call can succeed the second time, and makes ready for it. */
  const retries = (error: unknown, name: string | undefined, { readOnly }: CallOptions): boolean => {
    if (name !== undefined && isStalePlan(error)) {
      names.renew(name);
      return true;
    }
    if (name !== undefined && isStatementMixUp(error)) {
      connection.poolsTransactions(`the server answered: ${messageOf(error)}`);
      return true;
    }
    if (readOnly !== true || !isBrokenConnection(error)) return false;
    // What ended this connection may have ended the idle ones as well: the next try takes a new one.
    closeIdleConnections(pool);
    return true;
  };

  const call = async (
    functionName: string,
    args: CallArguments,
    options: CallOptions,
    triesLeft: number,
  ): Promise<Row[]> => {
    const { text, values } = callStatement(schema, functionName, args);
    const mode = connection.known()?.mode;
    const name = mode === "transaction pooler" ? undefined : names.nameOf(text);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, readOnly } = options;
    const isReadCommitted = readOnly || settings.isReadCommitted;
    try {
      return (await runLimited({ name, text, values }, { timeoutMs, mode, isReadCommitted })).rows;
    } catch (error) {
      if (!retries(error, name, options) || triesLeft === 1) {
        const failure = databaseFailure(error, sqlState(error));
        // The pool closes the connection that failed; others may lead to the same server.
        if (isReadOnly(failure)) leaveReadOnlyServer();
        throw failure;
      }
      return call(functionName, args, options, triesLeft - 1);
    }
  };
  return (name: string, args: CallArguments = {}, options: CallOptions = {}) =>
    call(name, args, options, MAX_TRIES);
}

function isStalePlan(error: unknown): boolean {
  const { code, routine } = (error ?? {}) as { code?: string; routine?: string };
  return code === STALE_PLAN.code && routine === STALE_PLAN.routine;
}

/** `invalid_sql_statement_name` and `duplicate_prepared_statement`: a pooler brought us a server connection of another client. */
const UNKNOWN_OR_DUPLICATE_STATEMENT = ["26000", "42P05"];

/** Poolers that keep track of statements themselves say the same under other codes. */
const POOLER_STATES = ["08P01", "58000", "XX000"];
const STATEMENT_MIX_UP =
  /prepared statement .*(does|did) not exist|prepared statement .*already exists|prepared statement .*not found/i;

/**
 * Whether a named statement was not there, or was there already. PostgreSQL and poolers find that out while they parse or bind, before
 * they execute anything: even a call that writes has done nothing, and may be made again.
 */
function isStatementMixUp(error: unknown): boolean {
  const state = sqlState(error) ?? "";
  if (UNKNOWN_OR_DUPLICATE_STATEMENT.includes(state)) return true;
  return POOLER_STATES.includes(state) && STATEMENT_MIX_UP.test(messageOf(error));
}
