import { setTimeout as sleep } from "node:timers/promises";
import type { Wiring } from "../../../app/lib/wiring.server";
import { installClient, openLibero, readSession, seedSessions } from "../../libero";
import { count } from "../../measure/format";
import { type BenchDatabase, createDatabase, type Servers } from "../../servers";
import { updatesOf } from "../../sql/measures";
import { drive, shuffled } from "./drive";
import { CONCURRENCY, type Writer } from "./writer";

const TABLE = "public.app_sessions";
const LONGEST_WAIT_MS = 30_000;
/** Wineries at which people sign in. */
const CLIENTS = 100;

async function openWith(servers: Servers, sessionCount: number, cacheEntries: number) {
  const database = await createDatabase(servers, "migrated");
  const clientId = await installClient(database);
  const sessions = await seedSessions(database, clientId, sessionCount);
  const libero = await openLibero({
    DATABASE_URL: database.url,
    SESSION_CACHE_ENTRIES: String(cacheEntries),
    SESSION_CACHE_MEGABYTES: "256",
  });
  return { database, sessions, libero };
}

/** Requests as they come: each notes its use, and what was noted is written about once a second. */
export async function openEngine(servers: Servers, sessionCount: number): Promise<Writer> {
  const { database, sessions, libero } = await openWith(servers, sessionCount, sessionCount);
  const next = shuffled(sessionCount);
  const read = async () => {
    const { cookie, userId } = sessions[next()] as (typeof sessions)[number];
    if ((await readSession(libero, cookie)) !== userId) throw new Error("a session was read wrongly");
  };
  // The cache is warm, and nothing noted yet.
  const find = () => libero.store.find(sessions[next()]?.id as string);
  await drive(find, { concurrency: CONCURRENCY, calls: sessionCount });

  return {
    name: "Libero: requests, written about once a second",
    ours: true,
    gathers: true,
    async touchFor(forMs) {
      const startedMs = performance.now();
      const { calls } = await drive(read, { concurrency: CONCURRENCY, forMs });
      // The last note goes out with all others of its second.
      const endMs = Date.now();
      const last = next();
      await libero.sessions.read(sessions[last]?.cookie);
      await written(libero, sessions[last]?.id as string, endMs);
      return { uses: calls + 1, elapsedMs: performance.now() - startedMs, behindMs: Date.now() - endMs };
    },
    async finish() {
      await libero.stop();
      return updatesOf(database, TABLE, sessionCount);
    },
    drop: database.drop,
  };
}

/** Until the database knows of a use of the session at this moment or later. */
async function written({ truth }: Wiring, id: string, sinceMs: number): Promise<void> {
  for (const deadlineMs = Date.now() + LONGEST_WAIT_MS; Date.now() < deadlineMs; await sleep(10)) {
    const found = await truth.find(id);
    if (found && found.session.lastActivityAtMs >= sinceMs) return;
  }
  throw new Error("what was noted was not written in 30 s");
}

/** The store's own statement for many sessions, over and over: what it could write if there was that much to write. */
export async function openBatches(
  servers: Servers,
  sessionCount: number,
  batchSize: number,
): Promise<Writer> {
  const { database, sessions, libero } = await openWith(servers, sessionCount, 0);
  const next = shuffled(sessionCount);
  const signInNext = await signInsAt(CLIENTS, database, libero, shuffled(sessionCount));
  let touched = 0;
  let atMs = 0;
  const touchBatch = async () => {
    // Only a later moment is written.
    atMs = Math.max(Date.now(), atMs + 1);
    const ids = Array.from({ length: batchSize }, () => sessions[next()]?.id as string);
    await libero.store.touch(new Map(ids.map((id) => [id, atMs])));
    touched += batchSize;
  };
  return {
    name: `Libero: the store's batches of ${count(batchSize)}, back to back`,
    ours: true,
    gathers: false,
    async touchFor(forMs) {
      const before = touched;
      const { elapsedMs } = await drive(touchBatch, { concurrency: 1, forMs });
      return { uses: touched - before, elapsedMs, behindMs: 0 };
    },
    touchAllOnce: async () =>
      void (await drive(touchBatch, { concurrency: 1, calls: sessionCount / batchSize })),
    signIn: { name: "Libero: sessions.start", call: signInNext },
    async finish() {
      await libero.stop();
      return updatesOf(database, TABLE, touched);
    },
    drop: database.drop,
  };
}

/** @returns a call that signs the next user in, at the winery that is theirs */
async function signInsAt(
  clients: number,
  database: BenchDatabase,
  { sessions }: Wiring,
  nextUser: () => number,
): Promise<() => Promise<void>> {
  const clientIds: string[] = [];
  while (clientIds.length < clients) {
    clientIds.push(await installClient(database, `winery-${clientIds.length}`));
  }
  return async () => {
    const index = nextUser();
    const clientId = clientIds[index % clients] as string;
    const id = `user-${index}`;
    const user = { id, name: "Jason Andres", email: `${id}@winery.test`, role: "Admin Owner" };
    const data = { theme: "light" };
    const { session } = await sessions.start({ clientId, user, device: "Firefox on Windows", data });
    if (session.user.id !== id) throw new Error("a session was begun for somebody else");
  };
}
