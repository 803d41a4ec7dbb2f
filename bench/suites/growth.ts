import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Suite, SuiteResult, Table, Target } from "../measure/bench";
import { bytes, count, duration, times } from "../measure/format";
import { workThrough } from "../measure/requests";
import { percentile } from "../measure/statistics";
import { sessionId } from "../sql/numbered-sessions";
import { type Grown, openGrown } from "./growth/grown";
import { endAll, listOfUser, lookUp, type Operation, request, signIn } from "./growth/operations";

const OPERATIONS = [lookUp, request, signIn, listOfUser, endAll];

/** Activity is written up to a second after it was noted; nobody else is to be measured meanwhile. */
const UNTIL_WRITTEN_MS = 1_200;

type Latencies = Map<Operation, number[]>;
type Measured = Grown & { latenciesUs: Latencies };

/** The same calls over a small table and one a thousand times as large, in turns. */
export const growth: Suite = {
  title: "A table that grows",
  seconds: { quick: 13, full: 170 },
  async run(bench) {
    const [few, many] = bench.quick ? [10_000, 200_000] : [10_000, 10_000_000];
    const small = await open(bench, few as number);
    const large = await open(bench, many as number);
    try {
      for (const side of [small, large]) await warm(side, bench.say);
      bench.say("checkpoint");
      await small.database.sql.query("checkpoint");
      await measure(bench, [small, large]);
    } finally {
      for (const { libero, database } of [small, large]) {
        await libero.stop();
        await database.drop();
      }
    }
    return report(small, large);
  },
};

/** Sessions that are asked for at a time, while pages are read. */
const AT_A_TIME = 500;

/**
 * Looks up a session of every page, through the connection that is measured: what fits into PostgreSQL's memory is there
 * then, and mapped into its process, at either size.
 */
async function warm({ libero, rows, pages }: Measured, say: Bench["say"]): Promise<void> {
  say(`every page is read, ${count(rows)} rows`);
  const perPage = Math.floor(rows / pages);
  const onePerPage = Array.from({ length: Math.ceil(rows / perPage) }, (_, page) => page * perPage);
  await workThrough(onePerPage, AT_A_TIME, async (n) => void (await libero.store.find(sessionId(n))));
}

const open = async (bench: Bench, rows: number): Promise<Measured> => ({
  ...(await openGrown(bench, rows)),
  latenciesUs: new Map(OPERATIONS.map((operation) => [operation, []])),
});

async function measure({ quick, say }: Bench, sides: Measured[]): Promise<void> {
  const size = quick ? "quick" : "full";
  const rounds = quick ? 2 : 14;
  for (const side of sides) {
    say(`warm-up, ${count(side.rows)} rows`);
    for (const operation of OPERATIONS) await runRound(side, operation, 0, operation.warmUp);
    await sleep(UNTIL_WRITTEN_MS);
    side.latenciesUs = new Map(OPERATIONS.map((operation) => [operation, []]));
  }
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      for (const operation of OPERATIONS) {
        say(`${operation.name}, ${count(side.rows)} rows, round ${round + 1} of ${rounds}`);
        const calls = operation.perRound[size];
        await runRound(side, operation, operation.warmUp + round * calls, calls);
        if (operation === request) await sleep(UNTIL_WRITTEN_MS);
      }
    }
  }
}

/** One call after the other. @throws where one is answered wrongly */
async function runRound(side: Measured, operation: Operation, from: number, calls: number): Promise<void> {
  const latenciesUs = side.latenciesUs.get(operation) as number[];
  for (let turn = from; turn < from + calls; turn++) {
    const call = operation.prepare(side, turn);
    const startedMs = performance.now();
    const right = await call();
    latenciesUs.push((performance.now() - startedMs) * 1_000);
    if (!right) throw new Error(`${operation.name} was answered wrongly among ${side.rows} rows`);
  }
}

function report(small: Measured, large: Measured): SuiteResult {
  const rows = OPERATIONS.map((operation) => ({ operation, ...compare(small, large, operation) }));
  const target = (operation: Operation, name: string): Target => ({
    what: `${name} p50 at ${inWords(large.rows)} over ${inWords(small.rows)} rows`,
    bound: 1.2,
    is: "at most",
    unit: "×",
    measured: rows.find((row) => row.operation === operation)?.ratio as number,
  });
  return {
    tables: [latencyTable(small, large), sizeTable(small, large)],
    targets: [target(lookUp, "look-up"), target(signIn, "sign-in"), target(endAll, "end all")],
    charts: [],
    figures: Object.fromEntries([
      ["bytesPerRow", large.sizes.heapBytes / large.rows],
      ["indexBytesPerRow", large.sizes.indexBytes / large.rows],
      ...rows.map(({ operation, ...figures }) => [operation.name, figures]),
      ...[small, large].map((side) => [
        `${side.rows} rows`,
        { ...side.sizes, loadSeconds: side.loadSeconds },
      ]),
    ]),
  };
}

const inWords = (rows: number) => (rows < 1e6 ? `${rows / 1e3} thousand` : `${rows / 1e6} million`);

function compare(small: Measured, large: Measured, operation: Operation) {
  const at = (side: Measured, share: number) =>
    percentile(side.latenciesUs.get(operation) as number[], share);
  const [smallP50Us, smallP99Us] = [at(small, 0.5), at(small, 0.99)];
  const [largeP50Us, largeP99Us] = [at(large, 0.5), at(large, 0.99)];
  return { smallP50Us, largeP50Us, ratio: largeP50Us / smallP50Us, smallP99Us, largeP99Us };
}

function latencyTable(small: Measured, large: Measured): Table {
  const head = [small, large].flatMap(({ rows }) => [`p50, ${count(rows)} rows`, `p99, ${count(rows)} rows`]);
  return {
    title: "Latency as the table grows",
    note:
      "Libero over PostgreSQL without any cache, one call after the other, in alternating rounds; every answer is checked. " +
      "Each user has five sessions, as far apart in the table as can be; each session left an event in the history, too. " +
      "Rows were loaded before the indexes and keys, which were then made by their own definitions, and a checkpoint " +
      "comes before the rounds: the first write to a page after it logs the whole page, at either size. Every page was read once " +
      "before by the same connection, so that what fits into PostgreSQL's memory, a quarter of the machine's, is there. " +
      "A look-up is the store's answer to an id. A request does more, and not the same at either size: the small table's cookies " +
      "were all verified and its sessions' activity noted in the rounds before, where almost each of the large one's comes for " +
      "the first time.",
    head: ["", ...head, "p50 ratio"],
    rows: OPERATIONS.map((operation) => {
      const { smallP50Us, smallP99Us, largeP50Us, largeP99Us, ratio } = compare(small, large, operation);
      const latencies = [smallP50Us, smallP99Us, largeP50Us, largeP99Us].map(duration);
      return [operation.name, ...latencies, times(ratio)];
    }),
  };
}

function sizeTable(small: Measured, large: Measured): Table {
  const perRow = (side: Measured, of: number) => bytes(of / side.rows);
  const line = (name: string, of: (side: Measured) => number) => [
    name,
    perRow(small, of(small)),
    perRow(large, of(large)),
    bytes(of(large)),
  ];
  const indexBytes = (name: string) => (side: Measured) =>
    side.sizes.indexes.find((index) => index.name === name)?.bytes ?? 0;
  return {
    title: "Bytes per session",
    note:
      "Half of each page is kept free (fillfactor 50), so that touches stay heap-only updates. The indexes are freshly " +
      "made, packed to 90 %; in use those on random ids settle at about 70 %.",
    head: ["", `${count(small.rows)} rows`, `${count(large.rows)} rows`, `in all, ${count(large.rows)} rows`],
    rows: [
      line("heap", (side) => side.sizes.heapBytes),
      ...large.sizes.indexes.map(({ name }) => line(name, indexBytes(name))),
      line("all indexes", (side) => side.sizes.indexBytes),
    ],
  };
}
