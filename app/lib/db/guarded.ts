import { createBreaker, type Health } from "../base/breaker";
import { SECOND_MS } from "../base/durations";
import { isUnavailable, UnavailableError } from "../base/errors";
import type { Logger } from "../base/logger";
import { within } from "../base/within";
import type { Database } from "./database";

const BREAKER = { failures: 3, retryAfterMs: 250 };

/** Longer than any wire's own limits together: that nothing waits for ever, whatever those do not cover. */
const LONGEST_MS = 15 * SECOND_MS;

export type GuardedDatabase = Database & { health(): Health };

/**
 * A database that is left alone while it does not answer: calls fail at once then, but for a probe now and then. Reads
 * under way are given up as well, which may wait behind others for a connection: waiting by itself is no outage.
 */
export function guardDatabase(db: Database, logger: Logger): GuardedDatabase {
  const breaker = createBreaker({
    ...BREAKER,
    name: "the database",
    meanwhile: "sessions are vouched for by what is remembered, as far as that goes; all else waits",
    isOutage: isUnavailable,
    logger,
  });
  const late = () => new UnavailableError(`the database does not answer within ${LONGEST_MS} ms`);

  return {
    ...db,
    call: (name, args, options) =>
      breaker.run(() => within(db.call(name, args, options), LONGEST_MS, late), {
        abandon: options?.readOnly,
      }),
    health: breaker.health,
  };
}
