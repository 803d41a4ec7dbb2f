import { type Clock, monotonicClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { isUnavailable, type Unavailability, type UnavailableError } from "../base/errors";

/**
 * How often a call is made where nothing of it was done, by why it was not. A call that lost against others may lose again;
 * a read-only answer is worth one more connection, which a failover may have led to another server.
 */
const MAX_TRIES: Partial<Record<Unavailability, number>> = { conflict: 12, "read-only": 2 };

/** A user waits for the answer: after this time no other try begins. */
const MAX_RETRYING_MS = 2 * SECOND_MS;

const BACKOFF_MS = { first: 10, max: 250 };

type RetryOptions = { monotonic?: Clock; random?: () => number };

/**
 * Makes a call to the database, and makes it again where the server said that nothing of it was done: each call is one
 * statement, which a serialization failure, a deadlock, a lock that was not to be had, or a read-only server rolls back
 * as a whole. Waits a random while in between, twice as long each time.
 * @throws what the last try threw
 */
export async function retryUndone<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { monotonic = monotonicClock, random = Math.random } = options;
  const startedAtMs = monotonic();
  for (let tries = 1, backoffMs = BACKOFF_MS.first; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const isLate = monotonic() - startedAtMs >= MAX_RETRYING_MS;
      if (isLate || tries >= maxTries(error)) throw error;
    }
    await sleep(backoffMs * random());
    backoffMs = Math.min(2 * backoffMs, BACKOFF_MS.max);
  }
}

/** By setTimeout, so that fake timers control it. */
const sleep = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));

const maxTries = (error: unknown) =>
  isUnavailable(error) ? (MAX_TRIES[(error as UnavailableError).kind] ?? 1) : 1;
