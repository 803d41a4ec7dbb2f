import type pg from "pg";
import { type Clock, monotonicClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";

/** A server that stays read-only does not cost its readers their connections with every write that is tried. */
const INTERVAL_MS = 5 * SECOND_MS;

type Pool = Pick<pg.Pool, "idleCount" | "connect">;

/** Closes the connections of a pool that are idle now; new ones take their place. */
export function closeIdleConnections(pool: Pool): void {
  for (let left = pool.idleCount; left > 0; left -= 1) {
    pool.connect().then(
      (client) => client.release(true),
      () => undefined,
    );
  }
}

/**
 * After a failover, idle connections may still lead to the server that was the primary; and a setting of the database, such
 * as default_transaction_read_only, holds for connections that begin after it.
 * @returns a function that closes the pool's idle connections, at most once in five seconds; new ones take their place
 */
export function createIdleConnectionCloser(pool: Pool, monotonic: Clock = monotonicClock): () => void {
  let closedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (monotonic() - closedAtMs < INTERVAL_MS) return;
    closedAtMs = monotonic();
    closeIdleConnections(pool);
  };
}
