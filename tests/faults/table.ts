import { appendFileSync } from "node:fs";
import Table from "cli-table3";

export type Row = {
  fault: string;
  lost: number;
  accepted: number;
  errors: number;
  /** Percent of the pages asked for during the fault, a second at least, by browsers that were signed in. */
  answered: number;
  /** Answers of 503. */
  unavailable: number;
  requests: number;
  slowestMs: number;
  /** See `Findings`. */
  latestAcceptedMs: number;
  recoveryMs: number;
  /** From when on an answer was late. */
  lateMs: number;
};

/** Of the table, in the README too. */
export const HEAD = [
  "fault, under load on two instances",
  "sessions lost",
  "revoked accepted",
  "500s",
  "pages answered meanwhile",
  "slowest answer",
  "time to recover",
];

const rows: Row[] = [];

/** Keeps the row for the table of this run, and for `npm run faults`; elsewhere there is no such file. */
export function keepRow(row: Row): void {
  rows.push(row);
  const file = process.env.FAULTS_FILE;
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** Prints what was kept. */
export function printTable(): void {
  const table = new Table({ head: HEAD, style: { head: [], border: [] }, wordWrap: true });
  table.push(...rows.map(cellsOf));
  const sum = (of: "requests" | "unavailable") => rows.reduce((total, row) => total + row[of], 0);
  const most = (of: "latestAcceptedMs" | "lateMs") => Math.max(0, ...rows.map((row) => row[of]));
  process.stdout.write(
    `\n${table}\n  ${sum("requests")} requests, ${sum("unavailable")} answered 503; late was what took ` +
      `${seconds(most("lateMs"))} or longer; the last request that a signed-out cookie opened a page with was sent ` +
      `${Math.round(most("latestAcceptedMs"))} ms after the sign-out was answered\n\n`,
  );
}

export function cellsOf({ fault, lost, accepted, errors, answered, slowestMs, recoveryMs }: Row): string[] {
  const recovery = recoveryMs === 0 ? "at once" : seconds(recoveryMs);
  return [fault, lost, accepted, errors, percent(answered), seconds(slowestMs), recovery].map(String);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** Rounded down: 99.97 % is not everything. */
const percent = (share: number) => `${(Math.floor(share * 10) / 10).toFixed(1)} %`;
