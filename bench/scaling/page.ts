import { markdownTable } from "../report/markdown";
import { number } from "../report/results";
import { type Check, checkModel } from "./checks";
import type { MeasuredCosts } from "./costs";
import { ASSUMPTIONS, mostSessions, type Needs, needsOf, type Plan, planFor, STEPS } from "./model";

const POPULATIONS: { name: string; sessions: number }[] = [
  { name: "10 thousand", sessions: 1e4 },
  { name: "1 million", sessions: 1e6 },
  { name: "100 million", sessions: 1e8 },
];

/** What docs/scaling.md says from measured costs. */
export async function scalingPart(costs: MeasuredCosts): Promise<string> {
  return [
    "",
    planTable(costs),
    `One such database is of the measured size, ${costs.cores} cores. A sign-out reached every other instance within ` +
      `${number(costs.revocationP99Ms, 2)} ms (99th percentile). With its loads added up, that database is busy:\n`,
    stepsTable(costs),
    "The formulas beside a simulation of 4,000 sessions:\n",
    checksTable(await checkModel()),
    "",
  ].join("\n");
}

/** What each population takes. */
export function planTable(costs: MeasuredCosts): string {
  const plans = POPULATIONS.map(({ sessions }) => planFor(sessions, costs));
  const atFirst = POPULATIONS.map(({ sessions }) => needsOf(sessions, STEPS[0].setup, costs));
  const row = (what: string, cell: (plan: Plan) => string) => [what, ...plans.map(cell)];
  return markdownTable(
    ["active sessions", ...POPULATIONS.map(({ name }) => name)],
    [
      row("requests per second", ({ needs }) => number(needs.requestsPerSecond, 3)),
      ["first wall of one such database", ...atFirst.map(busiest)],
      row("turned on", ({ step, databases }) =>
        [STEPS[step]?.short, ...(databases > 1 ? ["databases by client"] : [])].join(", "),
      ),
      row("instances, a core each", ({ needs }) => number(needs.instances, 3)),
      row("of that, for reading sessions", ({ needs }) => percent(needs.readingShare)),
      row("memory for sessions, each instance", ({ needs }) => bytes(needs.cacheBytesPerInstance)),
      row("Redis nodes", ({ redisNodes }) =>
        redisNodes === undefined ? "not measured" : number(redisNodes, 3),
      ),
      row(
        "databases × cores",
        ({ databases, coresPerDatabase }) => `${number(databases, 3)} × ${coresPerDatabase}`,
      ),
      row("sessions on disk, all", ({ needs }) => bytes(needs.diskBytes)),
      row("look-ups in the database per second", ({ needs }) => perSecondOf(needs.loads, "look-ups")),
      row("rows touched per second", ({ needs }) => perSecondOf(needs.loads, "touches")),
      row("write-ahead log of touches", ({ needs }) => `${bytes(needs.touchWalBytesPerSecond)}/s`),
      row("sign-ins and sign-outs per second", ({ needs }) =>
        perSecondOf(needs.loads, "sign-ins and sign-outs"),
      ),
      row("rows to clean up per second", ({ needs }) => perSecondOf(needs.loads, "clean-up")),
      row("notices per second, to each instance", ({ needs, databases }) =>
        number(needs.noticesPerSecond / databases, 2),
      ),
      row("next wall of one such database", ({ needs }) => busiest(needs)),
    ],
  );
}

function busiest({ loads: [first] }: Needs): string {
  return `${first.what}, ${percent(first.utilisation)}`;
}

function stepsTable(costs: MeasuredCosts): string {
  const rows = STEPS.map(({ name, setup }) => [
    name,
    ...POPULATIONS.map(({ sessions }) => percent(needsOf(sessions, setup, costs).utilisation)),
    number(mostSessions(setup, costs), 2),
  ]);
  const most = `most sessions at ${ASSUMPTIONS.utilisation * 100} %`;
  return markdownTable(["", ...POPULATIONS.map(({ name }) => name), most], rows);
}

function checksTable(checks: Check[]): string {
  const withUnit = (value: number, unit: string) => `${number(value, 3)} ${unit}`;
  return markdownTable(
    ["", "formula", "simulated", "difference"],
    checks.map(({ what, formula, isLeast, simulated, unit }) => [
      what,
      `${isLeast ? "≥ " : ""}${withUnit(formula, unit)}`,
      withUnit(simulated, unit),
      isLeast ? (simulated >= formula ? "holds" : "does not hold") : percent(simulated / formula - 1),
    ]),
  );
}

const perSecondOf = (loads: Plan["needs"]["loads"], what: string) =>
  number(loads.find((load) => load.what === what)?.perSecond ?? Number.NaN, 3);

const percent = (share: number) => `${number(share * 100, 2)} %`;

/** Decimal: 1 kB is 1,000 bytes. */
function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${number(count / 1_000 ** power, 3)} ${units[power]}`;
}
