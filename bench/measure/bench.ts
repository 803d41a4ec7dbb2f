import type { Servers } from "../servers";

/** What a suite works with. */
export type Bench = {
  /** Everything smaller, for a look in two minutes. */
  quick: boolean;
  servers: Servers;
  /** What it does now, for the progress line. */
  say(detail: string): void;
};

export type Table = {
  title: string;
  /** What one has to know to read it. */
  note?: string;
  head: string[];
  rows: string[][];
};

/** What the project set out to reach, and what came out. */
export type Target = {
  what: string;
  bound: number;
  is: "at least" | "at most";
  unit: "×" | "%" | "";
  measured: number;
};

/** Bars of a chart, the longest first. */
export type Chart = { title: string; unit: string; bars: { name: string; value: number; ours: boolean }[] };

export type SuiteResult = {
  tables: Table[];
  targets: Target[];
  charts: Chart[];
  /** Every figure as it was measured, with its unit in its name. */
  figures: Record<string, unknown>;
};

export type Suite = {
  title: string;
  /** About how long it takes on two cores. */
  seconds: { quick: number; full: number };
  run(bench: Bench): Promise<SuiteResult>;
};
