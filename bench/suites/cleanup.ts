import { cleanupExpired } from "../../app/lib/sessions/cleanup";
import type { Bench, Suite, SuiteResult, Table } from "../measure/bench";
import { bytes, count, duration, times } from "../measure/format";
import { PER_SECOND } from "./cleanup/look-ups";
import { type Measured, measureRemoval, type Removal } from "./cleanup/measured";
import { ONE_LIVE_OF, openPrepared } from "./cleanup/prepared";

/** Into so many parts the clean-up is cut by pauses, in which idle look-ups are measured. */
const PARTS = 6;

/** Sessions that expired are removed while others are looked up. */
export const cleanup: Suite = {
  title: "Clean-up",
  seconds: { quick: 14, full: 250 },
  async run(bench) {
    const expired = bench.quick ? 20_000 : 1_000_000;
    const bites = await measured(bench, expired, "Libero's clean-up", inBites(expired));
    const once = await measured(bench, expired, "one DELETE", deleteAtOnce);
    return report(expired, bites, once);
  },
};

async function measured(bench: Bench, expired: number, name: string, remove: Removal): Promise<Measured> {
  const prepared = await openPrepared(bench, (expired * ONE_LIVE_OF) / (ONE_LIVE_OF - 1));
  bench.say(`${name}, ${PER_SECOND} look-ups a second`);
  try {
    return await measureRemoval(prepared, remove, bench.quick ? 400 : 3_000);
  } finally {
    await prepared.libero.stop();
    await prepared.database.drop();
  }
}

/** As the app does it, in the process that looks up: bite after bite, each a transaction of its own, with rests between. */
function inBites(expired: number): Removal {
  return async ({ libero }, pause) => {
    let removed = 0;
    let workMs = 0;
    for (let part = 1; part <= PARTS; part++) {
      if (part > 1) await pause();
      const enough = (part * expired) / PARTS;
      await cleanupExpired({
        async cleanup(batch) {
          if (removed >= enough) return 0;
          const startedMs = performance.now();
          const deleted = await libero.store.cleanup(batch);
          workMs += performance.now() - startedMs;
          removed += deleted;
          return deleted;
        },
      });
    }
    return workMs;
  };
}

/** Triggers and all, over a connection without a time limit. */
const deleteAtOnce: Removal = async ({ database }) => {
  const startedMs = performance.now();
  await database.sql.query("delete from public.app_sessions where expires_at < now()");
  return performance.now() - startedMs;
};

function report(expired: number, bites: Measured, once: Measured): SuiteResult {
  return {
    tables: [costTable(expired, bites, once)],
    targets: [
      {
        what: "p99 of look-ups during clean-up over idle",
        bound: 1.5,
        is: "at most",
        unit: "×",
        measured: bites.p99Ratio,
      },
    ],
    charts: [],
    figures: {
      cleanupRowsPerSecond: (bites.removed / bites.workMs) * 1_000,
      expired,
      inBites: bites,
      oneDelete: once,
    },
  };
}

function costTable(expired: number, bites: Measured, once: Measured): Table {
  const line = (what: string, of: (measured: Measured) => string) => [what, of(bites), of(once)];
  const size = (of: "before" | "after" | "afterVacuum") => (measured: Measured) =>
    `${bytes(measured[of].heapBytes)} + ${bytes(measured[of].indexBytes)}`;
  return {
    title: `Removing ${count(expired)} expired sessions from among ${count(expired / (ONE_LIVE_OF - 1))} live ones`,
    note:
      `Meanwhile ${PER_SECOND} look-ups a second of live sessions, over PostgreSQL without any cache, from the process ` +
      "that cleans up, at moments fixed beforehand: latency counts from the moment a look-up was due. Every answer is " +
      "checked. After each bite Libero rests nine times as long as it took, which counts as meanwhile. Idle phases come " +
      "before, after, and between parts of the clean-up. Either way each end leaves a row in the history and a notice to " +
      "all instances (the same triggers): a good part of the cost. The write-ahead log includes full-page images after a " +
      "checkpoint, and the look-ups' own touches. Sizes are heap + indexes: what is removed leaves room for new sessions, " +
      "and the files keep their length.",
    head: ["", "Libero: bites of 1,000", "one unbounded DELETE"],
    rows: [
      line("p50 of look-ups, idle", ({ idleP50Us }) => duration(idleP50Us)),
      line("p50, meanwhile", ({ busyP50Us }) => duration(busyP50Us)),
      line("p99 of look-ups, idle", ({ idleP99Us }) => duration(idleP99Us)),
      line("p99, meanwhile", ({ busyP99Us }) => duration(busyP99Us)),
      line("p99, meanwhile over idle", ({ p99Ratio }) => times(p99Ratio)),
      line("slowest, meanwhile", ({ busyMaxUs }) => duration(busyMaxUs)),
      line("look-ups, idle / meanwhile", (of) => `${count(of.idleLookUps)} / ${count(of.busyLookUps)}`),
      line("failed, idle / meanwhile", (of) => `${count(of.idleFailed)} / ${count(of.busyFailed)}`),
      line("time", ({ busyMs }) => duration(busyMs * 1_000)),
      line("of it at work", ({ workMs }) => duration(workMs * 1_000)),
      line("removed per second of work", ({ removed, workMs }) => count((removed / workMs) * 1_000)),
      line("write-ahead log", ({ busyWalBytes }) => bytes(busyWalBytes)),
      line("table before", size("before")),
      line("table after", size("after")),
      line("table after a vacuum", size("afterVacuum")),
      line("history after", ({ after }) => bytes(after.eventBytes)),
    ],
  };
}
