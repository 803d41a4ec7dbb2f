import type { Chart, SuiteResult, Table, Target } from "../../measure/bench";
import { count, percent } from "../../measure/format";
import { median } from "../../measure/statistics";
import type { Compared } from "./against-commerce7";
import { CONNECTIONS, costOf, cpuUsOf, perSecondOf } from "./check-cost";
import { COMMERCE7_DELAY_MS } from "./house";
import type { Pair } from "./server-process";

type Measured = { cached: Pair[]; uncached: Pair[]; compared: Compared[] };

/** The tables, targets and figures of what was measured. */
export function report({ cached, uncached, compared }: Measured): SuiteResult {
  return {
    tables: [costTable(cached, uncached), commerce7Table(compared)],
    targets: isLong(cached) ? [costTarget(cached)] : [],
    charts: [latencyChart(compared)],
    figures: {
      requestsPerSecondPerInstance: median(cached.map(({ session }) => perSecondOf(session))),
      fromMemory: { cpuCost: cpuCost(cached), throughputCost: throughputCost(cached), pairs: cached },
      fromPostgres: { cpuCost: cpuCost(uncached), throughputCost: throughputCost(uncached), pairs: uncached },
      againstCommerce7: compared.map(withFactors),
    },
  };
}

/** Of fewer comparisons, the median is chance. */
const isLong = (pairs: Pair[]) => pairs.length >= 40;

const costTarget = (cached: Pair[]): Target => ({
  what: "session check: cost of a page, CPU time",
  bound: 3,
  is: "at most",
  unit: "%",
  measured: cpuCost(cached).medianPercent,
});

const cpuCost = (pairs: Pair[]) =>
  costOf(pairs, ({ session, nothing }) => (cpuUsOf(session) / cpuUsOf(nothing) - 1) * 100);

const throughputCost = (pairs: Pair[]) =>
  costOf(pairs, ({ session, nothing }) => (1 - perSecondOf(session) / perSecondOf(nothing)) * 100);

function costTable(cached: Pair[], uncached: Pair[]): Table {
  return {
    title: "What the session check costs a page: /app with it, and without any",
    note:
      `The production build on PostgreSQL, ${CONNECTIONS} connections, 500 people in turn, under a load that does not stop. In one ` +
      "server process the engine is taken out of the wiring for half a second, and put back for the next. Both pages are the same, " +
      "byte for byte, but for the nonce, and both ask the database for the page's figures. CPU time is that of the server's " +
      "process; what it writes of activity is counted where there is a check. The cost is the median of " +
      `${cached.length} comparisons of a second each way (${uncached.length} without a cache). Throughput depends on whatever else the machine does, the load ` +
      "generator included.",
    head: ["", "with the check", "without", "cost", "middle half", "extremes"],
    rows: [...costRows("sessions in memory", cached), ...costRows("sessions in PostgreSQL alone", uncached)],
  };
}

function costRows(where: string, pairs: Pair[]): string[][] {
  const both = (of: (slice: Pair["session"]) => number, unit: string) =>
    (["session", "nothing"] as const).map(
      (by) => `${count(median(pairs.map((pair) => of(pair[by]))))}${unit}`,
    );
  return [
    [`${where}: CPU time of a page`, ...both(cpuUsOf, " µs"), ...costs(cpuCost(pairs))],
    [`${where}: throughput`, ...both(perSecondOf, "/s"), ...costs(throughputCost(pairs))],
  ];
}

type Cost = ReturnType<typeof costOf>;

const costs = ({ medianPercent, quarterPercent, threeQuartersPercent, leastPercent, mostPercent }: Cost) => [
  percent(medianPercent),
  `${percent(quarterPercent)} … ${percent(threeQuartersPercent)}`,
  `${percent(leastPercent)} … ${percent(mostPercent)}`,
];

function commerce7Table(compared: Compared[]): Table {
  return {
    title: "A page with a session, against one that asks Commerce7 at each request",
    note:
      `Commerce7 answers after ${COMMERCE7_DELAY_MS} ms, over HTTP, and is asked by the app's own client, over connections that ` +
      "are kept. Each such request asked it, which was counted; none with a session did. What else was done before there were " +
      "sessions, a look-up of the client at each request, is left out. With as many at a time as here, a page waits longer for " +
      "the server's one thread than for anything else, whichever way it is known: one at a time shows what a person waits.",
    head: [
      "",
      "p50 with a session",
      "p50 asking",
      "faster",
      "pages/s with a session",
      "pages/s asking",
      "more",
    ],
    rows: compared
      .map(withFactors)
      .map(({ connections, session, commerce7, ...factors }) => [
        `${connections} at a time`,
        `${session.p50Ms.toFixed(1)} ms`,
        `${commerce7.p50Ms.toFixed(1)} ms`,
        `${factors.p50Factor.toFixed(1)} ×`,
        `${count(session.perSecond)}/s`,
        `${count(commerce7.perSecond)}/s`,
        `${factors.throughputFactor.toFixed(1)} ×`,
      ]),
  };
}

const withFactors = (compared: Compared) => ({
  ...compared,
  p50Factor: compared.commerce7.p50Ms / compared.session.p50Ms,
  throughputFactor: compared.session.perSecond / compared.commerce7.perSecond,
});

function latencyChart(compared: Compared[]): Chart {
  const { session, commerce7 } = compared[0] as Compared;
  return {
    title: "p50 of a page, one request at a time",
    unit: "ms",
    bars: [
      {
        name: `Commerce7 asked at each request, ${COMMERCE7_DELAY_MS} ms`,
        value: commerce7.p50Ms,
        ours: false,
      },
      { name: "Libero's session", value: session.p50Ms, ours: true },
    ],
  };
}
