import { HOUR_MS, MINUTE_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { SweepResult } from "./directory";
import type { SessionStore } from "./store";

/** Rows a bite; small enough that no look-up ever waits for one. */
const BATCH = 1_000;

/**
 * After a bite, that many times its length passes before the next: the clean-up takes a tenth of one of the database's
 * processors at most, and look-ups do not notice it.
 */
const REST_PER_BITE = 9;

const LONGEST_REST_MS = MINUTE_MS;

/** Deletes every session of a store, of whichever kind, that has expired, in bites. @returns how many were deleted */
export function cleanupExpired(store: Pick<SessionStore, "cleanup">): Promise<number> {
  return inBites(async () => ({ deleted: await store.cleanup(BATCH) }));
}

/** Deletes every event that is older than it is to be kept, in bites. @returns how many were deleted */
export function cleanupOldEvents(
  store: Pick<SessionStore, "cleanupEvents">,
  retentionDays: number,
): Promise<number> {
  return inBites(async () => ({ deleted: await store.cleanupEvents(BATCH, retentionDays) }));
}

type Bite = () => Promise<Pick<SweepResult, "deleted"> & Partial<Pick<SweepResult, "deletedEvents">>>;

/** Bite after bite, until one is not full or `signal` says to stop. @returns how many were deleted, events aside */
async function inBites(bite: Bite, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const startedMs = performance.now();
    const { deleted, deletedEvents = 0 } = await bite();
    total += deleted;
    if (deleted < BATCH && deletedEvents < BATCH) return total;
    await rest(performance.now() - startedMs, signal);
    if (signal?.aborted) return total;
  }
}

/** Whoever is told to stop does not wait for the end of it. */
async function rest(biteMs: number, signal: AbortSignal | undefined): Promise<void> {
  const durationMs = Math.min(REST_PER_BITE * biteMs, LONGEST_REST_MS);
  // Timers know milliseconds.
  if (durationMs < 1 || signal?.aborted) return;
  // By a plain timer, which a clock that is moved moves; Node's own sleep would go on by the real one.
  await new Promise<void>((resolve) => {
    const timer = setTimeout(over, durationMs);
    function over() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      resolve();
    }
    // What goes on in the background keeps no process alive.
    if (signal) timer.unref();
    signal?.addEventListener("abort", over);
  });
}

/** Something else that is swept in bites. */
export type Sweepable = { sweep(batch: number): Promise<{ deleted: number }> };

type SweeperOptions = {
  store: Pick<SessionStore, "sweep">;
  /** What is swept after it, each whatever became of the one before. */
  others?: readonly Sweepable[];
  logger: Logger;
  /** How long the history of sessions is kept. */
  eventRetentionDays: number;
  intervalMs?: number;
  /** 0 to 1; spreads the instances over time. */
  random?: () => number;
};

/**
 * Cleans up on the app's own schedule: soon after the start and then about every hour, ± 20 %.
 * @returns a function that stops it, after the bite under way
 */
export function startSweeper(options: SweeperOptions) {
  const {
    store,
    others = [],
    logger,
    eventRetentionDays,
    intervalMs = HOUR_MS,
    random = Math.random,
  } = options;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();

  const sweepAll = async (bite: Bite) => {
    try {
      const deleted = await inBites(bite, stopping.signal);
      if (deleted > 0) logger.info({ deleted }, "expired sessions deleted");
    } catch (error) {
      logger.warn(
        { reason: messageOf(error) },
        "expired sessions could not be deleted; the next sweep tries again",
      );
    }
  };
  const sweep = async () => {
    await sweepAll(() => store.sweep(BATCH, eventRetentionDays));
    for (const other of others) if (!stopping.signal.aborted) await sweepAll(() => other.sweep(BATCH));
    if (!stopping.signal.aborted) schedule(intervalMs * (0.8 + 0.4 * random()));
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      running = sweep();
    }, delayMs).unref();
  };

  schedule(MINUTE_MS * random());
  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await running;
  };
}
