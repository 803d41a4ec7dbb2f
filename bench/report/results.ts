import type { SuiteResult, Target } from "../measure/bench";

/** What it was measured on. */
export type Machine = {
  cpu: string;
  cores: number;
  memoryGigabytes: number;
  os: string;
  node: string;
  postgres: string;
  /** Null where there was none. */
  redis: string | null;
};

export type SuiteReport = { name: string; title: string; tookSeconds: number } & (
  | { result: SuiteResult }
  | { failed: string }
);

/** All of a run, as `results.json` holds it. */
export type Results = {
  /** ISO 8601. */
  date: string;
  /** Short; with "+" where files were changed since. */
  commit: string;
  mode: "quick" | "full";
  machine: Machine;
  suites: SuiteReport[];
};

/** A target, and where it was measured. */
export type Measured = Target & { suite: string };

export const targetsOf = ({ suites }: Results): Measured[] =>
  suites.flatMap((suite) =>
    "result" in suite ? suite.result.targets.map((target) => ({ ...target, suite: suite.name })) : [],
  );

/** A figure that could not be had is a target missed. */
export function isMet({ is, bound, measured }: Target): boolean {
  if (!Number.isFinite(measured)) return false;
  return is === "at least" ? measured >= bound : measured <= bound;
}

/** "≥ 50 ×" */
export const boundText = ({ is, bound, unit }: Target) =>
  withUnit(`${is === "at least" ? "≥" : "≤"} ${number(bound, 6)}`, unit);

/** As few digits as tell on which side of the bound it is. */
export function measuredText(target: Target): string {
  const { measured, unit } = target;
  // JSON has no number for it.
  if (!Number.isFinite(measured)) return "not measured";
  for (let digits = 3; ; digits++) {
    const text = number(measured, digits);
    const shown = { ...target, measured: Number(text.replaceAll(",", "")) };
    if (digits >= MOST_DIGITS || isMet(shown) === isMet(target)) return withUnit(text, unit);
  }
}

export const verdictOf = (target: Target) => (isMet(target) ? "met" : "**missed**");

export const summaryOf = (targets: Target[]) =>
  `${targets.filter(isMet).length} of ${targets.length} targets met`;

export function machineLine({ date, commit, machine }: Results): string {
  const { cpu, cores, memoryGigabytes, os, node, postgres, redis } = machine;
  const software = [`Node ${node}`, `PostgreSQL ${postgres}`, redis ? `Redis ${redis}` : "no Redis"];
  return (
    `${date.slice(0, 10)}, commit ${commit}: ${cores} cores of ${cpu}, ${number(memoryGigabytes, 3)} GB, ${os}; ` +
    software.join(", ")
  );
}

const MOST_DIGITS = 12;

/** Thousands separated, to so many significant digits; whole ones are never rounded away. */
export function number(value: number, digits: number): string {
  const whole = Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, whole) });
}

const withUnit = (text: string, unit: Target["unit"]) => (unit ? `${text} ${unit}` : text);
