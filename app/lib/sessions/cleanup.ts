import { HOUR_MS, MINUTE_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { SweepResult } from "./directory";
import type { SessionStore } from "./store";

/** Rows a bite; small enough that no look-up ever waits for one. */
const BATCH = 1_000;

/** Deletes every session of a store, of whichever kind, that has expired, in bites. @returns how many were deleted */
export function cleanupExpired(store: Pick<SessionStore, "cleanup">): Promise<number> {
  return inBites(() => store.cleanup(BATCH));
}

/** Deletes every event that is older than it is to be kept, in bites. @returns how many were deleted */
export function cleanupOldEvents(
  store: Pick<SessionStore, "cleanupEvents">,
  retentionDays: number,
): Promise<number> {
  return inBites(() => store.cleanupEvents(BATCH, retentionDays));
}

async function inBites(bite: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const deleted = await bite();
    total += deleted;
    if (deleted < BATCH) return total;
  }
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
  let stopped = false;
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();

  const sweepAll = async (bite: Bite) => {
    try {
      const deleted = await sweepInBites(bite, () => stopped);
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
    for (const other of others) if (!stopped) await sweepAll(() => other.sweep(BATCH));
    if (!stopped) schedule(intervalMs * (0.8 + 0.4 * random()));
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      running = sweep();
    }, delayMs).unref();
  };

  schedule(MINUTE_MS * random());
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}

type Bite = () => Promise<Pick<SweepResult, "deleted"> & Partial<Pick<SweepResult, "deletedEvents">>>;

async function sweepInBites(bite: Bite, isStopped: () => boolean): Promise<number> {
  let total = 0;
  for (;;) {
    const { deleted, deletedEvents = 0 } = await bite();
    total += deleted;
    if (isStopped() || (deleted < BATCH && deletedEvents < BATCH)) return total;
  }
}
