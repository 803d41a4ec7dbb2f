import type { Chart, SuiteResult, Table } from "../../measure/bench";
import { median } from "../../measure/statistics";
import type { Compared } from "./against-commerce7";
import { CONNECTIONS, costOf, type Pair } from "./check-cost";
import { COMMERCE7_DELAY_MS } from "./house";

type Cost = ReturnType<typeof costOf>;

/** The tables, targets and figures of what was measured. */
export function report(pairs: Pair[], compared: Compared[]): SuiteResult {
  const cpu = costOf(pairs, ({ session, nothing }) => (session.cpuUs / nothing.cpuUs - 1) * 100);
  const throughput = costOf(
    pairs,
    ({ session, nothing }) => (1 - session.perSecond / nothing.perSecond) * 100,
  );
  return {
    tables: [costTable(pairs, cpu, throughput), commerce7Table(compared)],
    targets: [
      {
        what: "session check: cost of a page, CPU time",
        bound: 3,
        is: "at most",
        unit: "%",
        measured: cpu.medianPercent,
      },
    ],
    charts: [latencyChart(compared)],
    figures: {
      checkCostCpu: cpu,
      checkCostThroughput: throughput,
      pairs,
      againstCommerce7: compared.map(withFactors),
    },
  };
}

function costTable(pairs: Pair[], cpu: Cost, throughput: Cost): Table {
  const middle = (of: (pair: Pair) => number) => median(pairs.map(of));
  const micros = (us: number) => `${count(us)} µs`;
  const pages = (perSecond: number) => `${count(perSecond)}/s`;
  return {
    title: "What the session check costs a page: /app with it, and without any",
    note:
      `The production build on PostgreSQL, ${CONNECTIONS} connections, 500 people in turn; one server process, in which ` +
      "the engine is taken out of the wiring and put back between the rounds. Both pages are the same, byte for byte, " +
      "but for the nonce, and both ask the database for the page's figures. CPU time is the server process's own; with it " +
      `is what is written of activity. ${pairs.length} pairs of rounds in turn; the cost is the median of the pairs. Throughput ` +
      "depends on whatever else the machine does, the load generator included.",
    head: ["", "with the check", "without", "cost", "middle half of the pairs", "extremes"],
    rows: [
      [
        "CPU time of a page",
        micros(middle(({ session }) => session.cpuUs)),
        micros(middle(({ nothing }) => nothing.cpuUs)),
        ...costs(cpu),
      ],
      [
        "throughput",
        pages(middle(({ session }) => session.perSecond)),
        pages(middle(({ nothing }) => nothing.perSecond)),
        ...costs(throughput),
      ],
    ],
  };
}

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

const count = (value: number) => Math.round(value).toLocaleString("en");
const percent = (value: number) => `${value.toFixed(1).replace("-", "−")} %`;
