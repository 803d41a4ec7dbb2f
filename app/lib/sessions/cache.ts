import { type Clock, monotonicClock, systemClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { type CacheBounds, type CacheEntry, createCacheEntries } from "./cache-entries";
import type { Notice } from "./channel";
import { isLive } from "./policy";
import type { StoredSession } from "./store";

/** What was read is believed for so long, however healthy the channel is. */
const MAX_AGE_MS = 30 * SECOND_MS;

export type SessionCacheOptions = CacheBounds & { clock?: Clock; monotonic?: Clock };

/**
 * Sessions as they were read. It says nothing about sessions that are over or unknown: a refusal always comes from the
 * store.
 */
export interface SessionCache {
  /**
   * The session from memory, or from `read`; concurrent calls for one session share one read.
   * @param epoch the channel's present run; whatever was kept under another one is forgotten
   */
  find(
    id: string,
    epoch: number,
    read: () => Promise<StoredSession | undefined>,
  ): Promise<StoredSession | undefined>;

  /**
   * Where the session is kept, under whichever run of the channel. To look there again does not count as use: what is used is
   * read anew every thirty seconds, and counts then.
   */
  entry(id: string): CacheEntry | undefined;

  /** What the entry holds under this run of the channel, live or not. */
  at(entry: CacheEntry, epoch: number): StoredSession | undefined;

  /** The session as it was last read, if it is live, however long ago that was: for when nobody else can be asked. */
  recall(id: string): StoredSession | undefined;

  /** Forgets what is kept, and what reads under way will bring. */
  forget(notice: Notice): void;
}

export function createSessionCache(options: SessionCacheOptions): SessionCache {
  const { clock = systemClock, monotonic = monotonicClock } = options;
  const entries = createCacheEntries(options);
  /** A read that is no longer in here when it ends was overtaken by a notice, and is not kept. */
  const reads = new Map<string, Promise<StoredSession | undefined>>();
  let keptUnder: number | undefined;

  const forget = (notice: Notice) => {
    const named = idsIn(notice);
    // A read under way may bring any session.
    if (!named) reads.clear();
    for (const id of named ?? entries.about(notice)) {
      reads.delete(id);
      entries.delete(id);
    }
  };

  const fill = async (id: string, read: () => Promise<StoredSession | undefined>) => {
    const readAtMs = monotonic();
    const reading = read();
    reads.set(id, reading);
    try {
      const stored = deepFreeze(await reading);
      if (stored && reads.get(id) === reading) entries.set(id, stored, readAtMs);
      return stored;
    } finally {
      if (reads.get(id) === reading) reads.delete(id);
    }
  };

  const at = (entry: CacheEntry, epoch: number) =>
    epoch === keptUnder && monotonic() - entry.readAtMs < MAX_AGE_MS ? entry.stored : undefined;

  return {
    entry: entries.get,
    at,
    async find(id, epoch, read) {
      if (epoch !== keptUnder) {
        forget("all");
        keptUnder = epoch;
      }
      const entry = entries.get(id);
      return ifLive(entry && at(entry, epoch), clock()) ?? reads.get(id) ?? fill(id, read);
    },
    recall: (id) => ifLive(entries.get(id)?.stored, clock()),
    forget,
  };
}

function ifLive(stored: StoredSession | undefined, nowMs: number): StoredSession | undefined {
  return stored && isLive(stored.session, nowMs) ? stored : undefined;
}

/** The sessions that a notice names one by one: none, where it is about another kind. */
function idsIn(notice: Notice): readonly string[] | undefined {
  if (notice === "all") return undefined;
  if ("httpSessions" in notice) return [];
  return "sessionIds" in notice ? notice.sessionIds : undefined;
}

/** What one read brought is handed to many requests: none may change it for the others. */
function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
