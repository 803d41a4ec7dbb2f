import { appendFileSync } from "node:fs";

export type Row = {
  fault: string;
  lost: number;
  accepted: number;
  errors: number;
  /** Percent of pages that were answered as ever during the fault, for browsers that were signed in. */
  answered: number;
  slowestMs: number;
  recoveryMs: number;
};

/** Leaves the row for `npm run faults`, which makes a table of all; elsewhere there is no such file. */
export function writeRow(row: Row): void {
  const file = process.env.FAULTS_FILE;
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
