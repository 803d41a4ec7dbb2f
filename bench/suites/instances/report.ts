import type { SuiteResult, Table, Target } from "../../measure/bench";
import { count } from "../../measure/format";
import type { Measured } from "../instances";
import type { Queries } from "./queries";

type Given = { sessions: number; countMs: number };

/** The tables, targets and figures of what was measured. */
export function report(measured: Measured[], given: Given): SuiteResult {
  const counted = measured.find(({ queries }) => queries);
  const share = counted && shareOfBound(counted, given);
  return {
    tables: [instancesTable(measured, given), ...(counted ? [queriesTable(counted, given)] : [])],
    targets: [...measured.flatMap(delayTarget), ...(share === undefined ? [] : [queriesTarget(share)])],
    charts: [],
    figures: {
      instances: measured,
      queriesOverMost: share,
      revocationP99Ms: Math.max(...measured.flatMap(({ delays }) => delays?.p99Ms ?? [])),
    },
  };
}

/** However many the requests: each session once in each instance in the time that it is believed, and a write a second. */
const mostQueriesPerSecond = ({ processes }: Measured, { sessions }: Given) =>
  processes * (sessions / (BELIEVED_MS / 1_000) + 1);

function shareOfBound(counted: Measured, given: Given): number | undefined {
  return counted.queries && counted.queries.fullSpeed.queriesPerSecond / mostQueriesPerSecond(counted, given);
}

const queriesTarget = (measured: number): Target => ({
  what: "database queries at full speed over what no number of reads exceeds",
  bound: 1,
  is: "at most",
  unit: "×",
  measured,
});

function delayTarget({ processes, delays }: Measured): Target[] {
  if (!delays) return [];
  const what = `revocation delay p99, ${processes} processes, in ms`;
  return [{ what, bound: 50, is: "at most", unit: "", measured: delays.p99Ms }];
}

function instancesTable(measured: Measured[], { sessions }: Given): Table {
  return {
    title: "Instances of Libero, in processes of their own, on one PostgreSQL",
    note:
      `${count(sessions)} sessions, all in each instance's memory, read at random as a request does, each answer checked. A ` +
      "revocation's delay is the time from the answer to the one who ended the session until the last of the other instances " +
      "has refused it; each tries it about every millisecond, beside other reads. Where the cores are fewer than the processes, " +
      "reads cannot grow with them.",
    head: ["processes", "reads in all", "revocations", "delay p50", "p99", "longest"],
    rows: measured.map(({ processes, readsPerSecond, delays }) => [
      String(processes),
      `${count(readsPerSecond)}/s`,
      delays ? count(delays.revocations) : "–",
      ...[delays?.p50Ms, delays?.p99Ms, delays?.mostMs].map(millis),
    ]),
  };
}

function queriesTable(counted: Measured, given: Given): Table {
  const { fullSpeed, tenth } = counted.queries as NonNullable<Measured["queries"]>;
  const [{ processes }, { countMs, sessions }] = [counted, given];
  const most = Math.round(mostQueriesPerSecond(counted, given));
  const seconds = countMs / 1_000;
  const rereads =
    countMs < BELIEVED_MS
      ? "A session is looked up again every 30 s, of which so short a look shows nothing."
      : "In that time each session was due to be looked up again once in each instance.";
  return {
    title: `What ${processes} instances ask of the database while they read`,
    note:
      `By PostgreSQL's own count of its functions' calls, in ${seconds} s. ${rereads} Activity is written for all sessions ` +
      "together once a second, a row for each that was active. Beside these, each instance beats its listening connection. " +
      `Look-ups travel together, and how many do depends on how reads come; without that there would be ${count(most)} queries a ` +
      `second with ${count(sessions)} sessions, and no more however many the reads.`,
    head: ["reads", "look-ups", "writes of activity", "queries in all", "rows of activity"],
    rows: [fullSpeed, tenth].map((row) => [`${count(row.readsPerSecond)}/s`, ...perSecond(row)]),
  };
}

/** How long an instance believes what it read, which decides what a count can show. */
const BELIEVED_MS = 30_000;

const perSecond = ({ findsPerSecond, touchesPerSecond, queriesPerSecond, rowsWrittenPerSecond }: Queries) => [
  `${findsPerSecond.toFixed(1)}/s`,
  `${touchesPerSecond.toFixed(1)}/s`,
  `${queriesPerSecond.toFixed(1)}/s`,
  `${count(rowsWrittenPerSecond)}/s`,
];

const millis = (ms: number | undefined) => (ms === undefined ? "–" : `${ms.toFixed(1)} ms`);
