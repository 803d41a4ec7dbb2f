import { type Breaker, createBreaker, type Health } from "../base/breaker";
import { SECOND_MS } from "../base/durations";
import { isReadOnly, isUnavailable, UnavailableError } from "../base/errors";
import type { Logger } from "../base/logger";
import { within } from "../base/within";
import type { Database } from "./database";
import { retryUndone } from "./retry";

const BREAKER = { failures: 3, retryAfterMs: 250 };

/** Longer than a driver's own limits together: so that nothing waits forever, whatever those do not cover. */
const MAX_WAIT_MS = { call: 15 * SECOND_MS, besidesOwnLimit: 5 * SECOND_MS };

/** One write finds out that a database is read-only; from then on one a second asks whether it still is. */
const WRITES = { failures: 1, retryAfterMs: SECOND_MS };

export type GuardedDatabase = Database & {
  health(): Health;
  /** Down while the database answers and refuses to write. */
  writes(): Health;
};

/**
 * A database that is left alone while it does not answer: calls fail at once then, but for a probe now and then. Reads
 * under way are given up as well, which may wait behind others for a connection: waiting by itself is no outage.
 * While it is read-only, the same goes for writes alone. Calls of which nothing was done are made again.
 */
export function guardDatabase(db: Database, logger: Logger): GuardedDatabase {
  const breaker = createBreaker({
    ...BREAKER,
    name: "the database",
    meanwhile: "sessions are vouched for by what is remembered, as far as that goes; all else waits",
    isOutage,
    logger,
  });
  const writes: Breaker = createBreaker({
    ...WRITES,
    name: "write access to the database",
    meanwhile: "the database is read-only; sessions are read, and other requests fail with 503",
    // A probe that no answer came to says nothing about writing: it was refused before.
    isOutage: (error) => isReadOnly(error) || (isUnavailable(error) && writes.health().state === "down"),
    kind: "read-only",
    logger,
  });
  const call: Database["call"] = (name, args, options) => {
    const waitMs = Math.max(MAX_WAIT_MS.call, (options?.timeoutMs ?? 0) + MAX_WAIT_MS.besidesOwnLimit);
    const late = () => new UnavailableError(`the database does not answer within ${waitMs} ms`);
    const made = () =>
      within(
        retryUndone(() => db.call(name, args, options)),
        waitMs,
        late,
      );
    return breaker.run(made, { abandon: options?.readOnly });
  };

  return {
    ...db,
    migrate: () =>
      db.migrate().catch((error) => {
        throw withFix(error);
      }),
    call: (name, args, options) =>
      options?.readOnly ? call(name, args, options) : writes.run(() => call(name, args, options)),
    health: breaker.health,
    writes: writes.health,
  };
}

/** A call that failed by itself says nothing about others. */
const isOutage = (error: unknown) => isUnavailable(error) && (error as UnavailableError).kind === "outage";

/** Read by the operator at the start, who may have named the wrong server. */
function withFix(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  const { message, kind } = error as UnavailableError;
  const fix =
    kind === "read-only"
      ? "migrations are pending, and need a database that can be written"
      : "see that it runs, and that DATABASE_URL (or SUPABASE_URL) leads to it";
  return new UnavailableError(`${message}; ${fix}`, { kind, cause: error });
}
