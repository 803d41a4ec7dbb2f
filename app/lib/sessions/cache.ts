import { LRUCache } from "lru-cache";
import { type Clock, monotonicClock, systemClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import type { Notice } from "./channel";
import { isLive } from "./policy";
import type { StoredSession } from "./store";

/** What was read is believed for so long, however healthy the channel is. */
const MAX_AGE_MS = 30 * SECOND_MS;

/** Of an entry without its data. A hundred thousand with names of usual length took 2.2 kB each of Node 20's memory. */
const ENTRY_BYTES = 2_048;

export type SessionCacheOptions = {
  maxEntries: number;
  /** An estimate: two bytes a character of data, and a constant for the rest. */
  maxBytes: number;
  clock?: Clock;
  monotonic?: Clock;
};

type Entry = { stored: StoredSession; readAtMs: number };

/**
 * Sessions as they were read, least recently used first to go. It says nothing about sessions that are over or
 * unknown: a refusal always comes from the store.
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

  /** The session as it was last read, if it is live, however long ago that was: for when nobody else can be asked. */
  recall(id: string): StoredSession | undefined;

  /** Forgets what is kept, and what reads under way will bring. */
  forget(notice: Notice): void;
}

export function createSessionCache(options: SessionCacheOptions): SessionCache {
  const { maxEntries, maxBytes, clock = systemClock, monotonic = monotonicClock } = options;
  const entries = new LRUCache<string, Entry>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: sizeOf,
  });
  /** A read that is no longer in here when it ends was overtaken by a notice, and is not kept. */
  const reads = new Map<string, Promise<StoredSession | undefined>>();
  let keptUnder: number | undefined;

  const forget = (notice: Notice) => {
    const ids = idsIn(notice);
    for (const id of ids ?? []) {
      reads.delete(id);
      entries.delete(id);
    }
    if (ids) return;
    // A read under way may bring any session.
    reads.clear();
    for (const [id, { stored }] of entries) if (isMeant(stored.session, notice)) entries.delete(id);
  };

  const fill = async (id: string, read: () => Promise<StoredSession | undefined>) => {
    const readAtMs = monotonic();
    const reading = read();
    reads.set(id, reading);
    try {
      const stored = deepFreeze(await reading);
      if (stored && reads.get(id) === reading) entries.set(id, { stored, readAtMs });
      return stored;
    } finally {
      if (reads.get(id) === reading) reads.delete(id);
    }
  };

  return {
    async find(id, epoch, read) {
      if (epoch !== keptUnder) {
        forget("all");
        keptUnder = epoch;
      }
      const kept = entries.get(id);
      const young = kept && monotonic() - kept.readAtMs < MAX_AGE_MS;
      if (young && isLive(kept.stored.session, clock())) return kept.stored;
      return reads.get(id) ?? fill(id, read);
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

function isMeant({ clientId, tenantId, user }: StoredSession["session"], notice: Notice): boolean {
  if (notice === "all") return true;
  if ("tenantId" in notice) return tenantId === notice.tenantId;
  if (!("clientId" in notice)) return false;
  return clientId === notice.clientId && (notice.userId === undefined || user.id === notice.userId);
}

function sizeOf({ stored }: Entry): number {
  return ENTRY_BYTES + 2 * JSON.stringify(stored.session.data).length;
}

/** What one read brought is handed to many requests: none may change it for the others. */
function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
