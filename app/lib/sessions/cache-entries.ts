import { LRUCache } from "lru-cache";
import type { Notice } from "./channel";
import type { Session } from "./session";
import type { StoredSession } from "./store";

/** Of an entry without its data. A hundred thousand with names of usual length, and their cookies, took 1.9 kB each (`npm run bench`). */
export const ENTRY_BYTES = 2_048;

export type CacheBounds = {
  maxEntries: number;
  /** An estimate: two bytes a character of data, and a constant for the rest. */
  maxBytes: number;
};

/** `stored` is undefined once the entry is no longer in the cache. */
export type CacheEntry = { stored: StoredSession | undefined; readonly readAtMs: number };

/** A cache's entries, least recently used first to go, and whose they are. */
export function createCacheEntries({ maxEntries, maxBytes }: CacheBounds) {
  const byUser = createIndex();
  const entries = new LRUCache<string, CacheEntry>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: sizeOf,
    dispose(entry, id) {
      if (entry.stored) byUser.remove(userOf(entry.stored.session), id);
      entry.stored = undefined;
    },
  });
  return {
    get: (id: string) => entries.get(id),
    set(id: string, stored: StoredSession, readAtMs: number): void {
      const entry = { stored, readAtMs };
      entries.set(id, entry);
      // One that is too large is not taken.
      if (entries.peek(id) === entry) byUser.add(userOf(stored.session), id);
    },
    delete: (id: string) => entries.delete(id),
    /** Ids of the sessions that a notice is about. A sign-in tells of its user alone, and must not look through everybody's. */
    about(notice: Notice): string[] {
      if (notice !== "all" && "userId" in notice && notice.userId !== undefined)
        return byUser.of(`${notice.clientId} ${notice.userId}`);
      return [...entries].filter(([, entry]) => isMeant(entry, notice)).map(([id]) => id);
    },
  };
}

const userOf = ({ clientId, user }: Session) => `${clientId} ${user.id}`;

function isMeant({ stored }: CacheEntry, notice: Notice): boolean {
  if (notice === "all") return true;
  if ("tenantId" in notice) return stored?.session.tenantId === notice.tenantId;
  return "clientId" in notice && stored?.session.clientId === notice.clientId;
}

function sizeOf({ stored }: CacheEntry): number {
  return ENTRY_BYTES + 2 * JSON.stringify(stored?.session.data ?? null).length;
}

function createIndex() {
  const idsOf = new Map<string, Set<string>>();
  return {
    add(name: string, id: string): void {
      const ids = idsOf.get(name);
      if (ids) ids.add(id);
      else idsOf.set(name, new Set([id]));
    },
    remove(name: string, id: string): void {
      const ids = idsOf.get(name);
      ids?.delete(id);
      if (ids?.size === 0) idsOf.delete(name);
    },
    of: (name: string): string[] => [...(idsOf.get(name) ?? [])],
  };
}
