import { parseArgs } from "node:util";

/** The suites, in the order in which they run. */
export const SUITE_NAMES = [
  "requests",
  "http",
  "growth",
  "writes",
  "cleanup",
  "instances",
  "memory",
] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

export type Options = { quick: boolean; cpuProf: boolean; only: readonly SuiteName[] };

export const USAGE = `npm run bench -- [--quick] [--only <suites>] [--cpu-prof]
  --quick      everything smaller, for a look in two minutes
  --only a,b   these suites alone, of ${SUITE_NAMES.join(", ")}
  --cpu-prof   a CPU profile of each suite's process
`;

/** What the command line says. @throws with a message for whoever typed it */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      "cpu-prof": { type: "boolean", default: false },
    },
  });
  return {
    quick: values.quick,
    cpuProf: values["cpu-prof"],
    only: values.only === undefined ? SUITE_NAMES : suitesIn(values.only),
  };
}

/** Whether such a run may stand for the project: all suites, at full length, slowed by no profiler. */
export const isWhole = ({ quick, cpuProf, only }: Options) =>
  !quick && !cpuProf && only.length === SUITE_NAMES.length;

function suitesIn(list: string): SuiteName[] {
  const asked = list.split(",").map((name) => name.trim());
  const unknown = asked.filter((name) => !SUITE_NAMES.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(", ") || "(none named)"}`);
  return SUITE_NAMES.filter((name) => asked.includes(name));
}
