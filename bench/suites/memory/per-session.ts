import { ENTRY_BYTES } from "../../../app/lib/sessions/cache-entries";
import { installClient, seedSessions } from "../../libero";
import type { Servers } from "../../servers";
import { withEngine } from "./engine";
import type { LiveBytes } from "./engine-process";

export type PerSession = {
  sessions: number;
  /** Of the heap and of buffers outside it, for each session that is in memory. */
  heapBytes: number;
  externalBytes: number;
  arrayBufferBytes: number;
  /** Kept for each place in the cache, whether a session is in it or not. */
  reservedBytes: number;
  allBytes: number;
  /** What the cache takes a session without data to need. */
  estimateBytes: number;
};

/** Read before the first measurement, so that code and connections are there. */
const WARM = 500;
/** Handed over at a time, and let go of. */
const CHUNK = 1_000;
/** By then the activity of every request so far has been written. */
const WRITTEN_MS = 1_200;

/** What the engine keeps of each session, by what is left after a collection with none and with many in memory. */
export async function measurePerSession(
  servers: Servers,
  sessions: number,
  say: (detail: string) => void,
): Promise<PerSession> {
  say(`heap with no session of ${sessions}`);
  const small = await fillEngine(servers, WARM, 0);
  say(`heap with ${sessions} sessions`);
  const { empty, full } = await fillEngine(servers, WARM + sessions, sessions);
  const each = (of: keyof LiveBytes) => (full[of] - empty[of]) / sessions;
  const all = ({ heapBytes, externalBytes }: LiveBytes) => heapBytes + externalBytes;
  const reservedBytes = (all(empty) - all(small.empty)) / sessions;
  return {
    sessions,
    heapBytes: each("heapBytes"),
    externalBytes: each("externalBytes"),
    arrayBufferBytes: each("arrayBufferBytes"),
    reservedBytes,
    allBytes: each("heapBytes") + each("externalBytes") + reservedBytes,
    estimateBytes: ENTRY_BYTES,
  };
}

/** @returns what is in use before and after so many sessions were read */
function fillEngine(servers: Servers, cacheEntries: number, count: number) {
  return withEngine(
    servers,
    { cacheEntries, install: installClient },
    async ({ database, child, clientId }) => {
      const warm = await seedSessions(database, clientId, WARM);
      for (let round = 0; round < 20; round++) await child.ask("fill", warm);
      const empty = await child.ask("liveBytes", WRITTEN_MS);
      for (let made = 0; made < count; made += CHUNK) {
        const seeded = await seedSessions(database, clientId, Math.min(CHUNK, count - made));
        await child.ask("fill", seeded);
      }
      return { empty, full: await child.ask("liveBytes", WRITTEN_MS) };
    },
  );
}
