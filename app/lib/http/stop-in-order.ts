import { SECOND_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { Drain } from "./drain";

/** What ends a process by force allows ten seconds first (Docker), or more (Kubernetes, systemd). */
const STOP_MS = 9.5 * SECOND_MS;
/** As long as Commerce7 is waited for; what is left of the stop is for writing and closing. */
const DRAIN_MS = 8 * SECOND_MS;

type StopOptions = {
  /** What has to go before requests can end. */
  before: () => Promise<void>;
  drain: Pick<Drain, "run">;
  /** Writes what requests have left, and lets go of everything. */
  after: () => Promise<void>;
  logger: Pick<Logger, "warn">;
  drainMs?: number;
  stopMs?: number;
};

/**
 * Requests first, then what they left to write, all in less than ten seconds, whatever hangs. Never fails.
 * @returns whether nothing was cut short; what was, is in the log
 */
export async function stopInOrder(options: StopOptions): Promise<boolean> {
  const { before, drain, after, logger, drainMs = DRAIN_MS, stopMs = STOP_MS } = options;
  const cutShort: string[] = [];
  const inOrder = async () => {
    await before();
    const requests = await drain.run(drainMs);
    if (requests > 0) cutShort.push(`requests cut off after ${drainMs} ms: ${requests}`);
    await after();
    return true;
  };
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    limit = setTimeout(resolve, stopMs, false);
  });
  const finished = await Promise.race([inOrder(), late]).catch((error) => {
    cutShort.push(`closing failed: ${messageOf(error)}`);
    return true;
  });
  clearTimeout(limit);
  if (!finished) cutShort.push(`closing took longer than ${stopMs} ms in all: late activity may be missing`);
  if (cutShort.length > 0) logger.warn({ cutShort }, "stopped, but not in order");
  return cutShort.length === 0;
}
