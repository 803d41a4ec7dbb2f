import { setTimeout as sleep } from "node:timers/promises";
import { sizes, walBytes } from "../../sql/measures";
import { type LookUps, startLookUps } from "./look-ups";
import { isLive, type Prepared } from "./prepared";

/**
 * Removes what expired; between its parts it may call `pause`, which lets an idle phase be measured.
 * @returns for how many milliseconds the database worked on it
 */
export type Removal = (prepared: Prepared, pause: () => Promise<void>) => Promise<number>;

export type Measured = Awaited<ReturnType<typeof measureRemoval>>;

/** What a removal costs, and what it does to look-ups meanwhile. */
export async function measureRemoval(prepared: Prepared, remove: Removal, idleMs: number) {
  const { database, libero, sessions } = prepared;
  await database.sql.query("checkpoint");
  const before = await bytesOnDisk(prepared);
  const lookUps = startLookUps(libero, sessions, isLive);
  await sleep(2 * idleMs);
  const meter = createMeter(prepared, lookUps);
  const pause = async () => {
    await meter.stop();
    await idle(lookUps, idleMs);
    await meter.start();
  };
  // Before and after for twice as long: what is done in one go has no pauses.
  await idle(lookUps, 2 * idleMs);
  await meter.start();
  const workMs = await remove(prepared, pause);
  const cost = await meter.stop();
  await idle(lookUps, 2 * idleMs);
  const latencies = await lookUps.stop();
  const removed = await removedFrom(prepared);
  const after = await bytesOnDisk(prepared);
  await database.sql.query("vacuum public.app_sessions");
  return { ...latencies, ...cost, workMs, removed, before, after, afterVacuum: await bytesOnDisk(prepared) };
}

async function idle(lookUps: LookUps, ms: number): Promise<void> {
  lookUps.enter("idle");
  await sleep(ms);
  lookUps.enter("between");
}

/** Time and write-ahead log, pauses left out. */
function createMeter({ database }: Prepared, lookUps: LookUps) {
  const total = { busyMs: 0, busyWalBytes: 0 };
  let startedMs = 0;
  let startedAtBytes = 0;
  return {
    async start() {
      startedAtBytes = await walBytes(database);
      startedMs = performance.now();
      lookUps.enter("busy");
    },
    async stop() {
      lookUps.enter("between");
      total.busyMs += performance.now() - startedMs;
      total.busyWalBytes += (await walBytes(database)) - startedAtBytes;
      return total;
    },
  };
}

/** @throws where a live session went, or one that expired stayed */
async function removedFrom({ database, sessions }: Prepared): Promise<number> {
  const { rows } = await database.sql.query(
    `select count(*) filter (where expires_at < now())::integer as expired, count(*)::integer as live
     from public.app_sessions`,
  );
  const live = Array.from({ length: sessions }, (_, n) => n).filter(isLive).length;
  if (rows[0].expired > 0 || rows[0].live !== live) {
    throw new Error(
      `the clean-up left ${rows[0].live} sessions of ${live}, ${rows[0].expired} of them expired`,
    );
  }
  return sessions - live;
}

async function bytesOnDisk({ database }: Prepared) {
  const { heapBytes, indexBytes } = await sizes(database, "public.app_sessions");
  const events = await sizes(database, "public.app_session_events");
  return { heapBytes, indexBytes, eventBytes: events.heapBytes + events.indexBytes };
}
