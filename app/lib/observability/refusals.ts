import { LRUCache } from "lru-cache";
import { type Clock, monotonicClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import type { Logger } from "../base/logger";

export type Refusal = {
  /** What was refused: "sign-in", "webhook", "form". */
  what: string;
  /** Why, in a word or two. */
  reason: string;
  /** The network address that it came from. */
  address: string | undefined;
  /** The winery that it named, where that is one's name at all. */
  tenantId?: string | undefined;
};

/** Logs what was refused, so that an operator sees who tries what. */
export type RefusalLog = (refusal: Refusal) => void;

/** One line for each source and reason in so long, with how many were left out: an attack shall not fill the disk. */
const INTERVAL_MS = 10 * SECOND_MS;

/** Of all sources together, in one interval. */
const MAX_LINES = 100;

const MAX_SOURCES = 10_000;

export function createRefusalLog(logger: Pick<Logger, "warn">, clock: Clock = monotonicClock): RefusalLog {
  const sources = new LRUCache<string, { loggedAtMs: number; leftOut: number }>({ max: MAX_SOURCES });
  const all = { sinceMs: clock(), lines: 0 };

  return ({ what, reason, address = "unknown", tenantId }) => {
    const nowMs = clock();
    if (nowMs - all.sinceMs >= INTERVAL_MS) Object.assign(all, { sinceMs: nowMs, lines: 0 });
    const key = JSON.stringify([what, reason, address, tenantId]);
    const source = sources.get(key) ?? { loggedAtMs: Number.NEGATIVE_INFINITY, leftOut: 0 };
    sources.set(key, source);
    if (nowMs - source.loggedAtMs < INTERVAL_MS || all.lines >= MAX_LINES) {
      source.leftOut += 1;
      return;
    }
    all.lines += 1;
    const { leftOut } = source;
    Object.assign(source, { loggedAtMs: nowMs, leftOut: 0 });
    logger.warn({ what, reason, address, tenantId, ...(leftOut > 0 && { leftOut }) }, "request refused");
  };
}
