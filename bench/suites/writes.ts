import type { Bench, Suite } from "../measure/bench";
import { createDatabase } from "../servers";
import { drive } from "./writes/drive";
import { openBatches, openEngine } from "./writes/libero";
import { logBytesPerTouch } from "./writes/log-bytes";
import { openPgSimple, openRedis } from "./writes/peers";
import { type Measured, report } from "./writes/report";
import { CONCURRENCY } from "./writes/writer";

/** What writing costs: the use of sessions, and their beginning. */
export const writes: Suite = {
  title: "Writes",
  seconds: { quick: 13, full: 120 },
  async run(bench) {
    const sessionCount = bench.quick ? 5_000 : 50_000;
    const all = await openAll(bench, sessionCount);
    try {
      await measureTouches(bench, all);
      await measureLog(bench, all, sessionCount);
      await measureSignIns(bench, all);
      for (const measured of all) measured.updates = await measured.writer.finish();
    } finally {
      for (const { writer } of all) await writer.drop();
    }
    return report(all, sessionCount);
  },
};

async function openAll({ servers, say }: Bench, sessionCount: number): Promise<Measured[]> {
  say(`${sessionCount} sessions for each`);
  const writers = [
    await openEngine(servers, sessionCount),
    await openBatches(servers, sessionCount, sessionCount / 10),
    await openPgSimple(servers, sessionCount),
    ...(servers.redis ? [await openRedis(servers.redis, sessionCount)] : []),
  ];
  return writers.map((writer) => ({ writer, touched: [], signInsPerSecond: [] }));
}

async function measureTouches({ quick, say }: Bench, all: Measured[]): Promise<void> {
  const rounds = quick ? 2 : 3;
  for (let round = 1; round <= rounds; round++) {
    for (const { writer, touched } of all) {
      say(`${writer.name}: round ${round} of ${rounds}`);
      // What is written once a second has to be seen for some seconds.
      touched.push(await writer.touchFor((quick ? 400 : 4_000) * (writer.gathers ? 2 : 1)));
    }
  }
}

async function measureLog({ servers, say }: Bench, all: Measured[], sessionCount: number): Promise<void> {
  const database = await createDatabase(servers, "bare");
  for (const measured of all) {
    say(`${measured.writer.name}: bytes of log`);
    measured.logBytes = await logBytesPerTouch(database, measured.writer, sessionCount);
  }
  await database.drop();
}

async function measureSignIns({ quick, say }: Bench, all: Measured[]): Promise<void> {
  const rounds = quick ? 2 : 3;
  for (let round = 0; round <= rounds; round++) {
    for (const { writer, signInsPerSecond } of all) {
      const { signIn } = writer;
      if (!signIn) continue;
      say(`${signIn.name}: ${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}`);
      const forMs = quick ? 400 : round === 0 ? 1_000 : 2_000;
      const { calls, elapsedMs } = await drive(signIn.call, { concurrency: CONCURRENCY, forMs });
      if (round > 0) signInsPerSecond.push((calls / elapsedMs) * 1_000);
    }
  }
}
