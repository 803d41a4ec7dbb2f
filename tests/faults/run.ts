import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import type { Row } from "./table";

/**
 * `npm run faults`: lets everything die that can, prints what came of it as a table, and puts that table into the README.
 */
const HEAD = [
  "fault, under load on two instances",
  "sessions lost",
  "revoked accepted",
  "500s",
  "pages answered meanwhile",
  "slowest answer",
  "time to recover",
];

/** How many faults there are. */
const ALL = 10;

const MARKED = /(<!-- faults:begin -->\n)[\s\S]*?(<!-- faults:end -->)/;

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

function cellsOf({ fault, lost, accepted, errors, answered, slowestMs, recoveryMs }: Row): string[] {
  const [answeredCell, recovery] = [
    `${answered.toFixed(1)} %`,
    recoveryMs === 0 ? "nothing noticed" : seconds(recoveryMs),
  ];
  return [fault, String(lost), String(accepted), String(errors), answeredCell, seconds(slowestMs), recovery];
}

function toMarkdown(rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  return line(HEAD) + line(HEAD.map((_, index) => (index === 0 ? "---" : "---:"))) + rows.map(line).join("");
}

const folder = mkdtempSync(join(tmpdir(), "libero-faults-"));
const file = join(folder, "rows.jsonl");
const { status } = spawnSync("npx", ["vitest", "run", "--project", "faults"], {
  stdio: "inherit",
  env: { ...process.env, FAULTS_FILE: file },
});
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
rmSync(folder, { recursive: true });
const rows = lines.map((line) => cellsOf(JSON.parse(line)));
const table = new Table({ head: HEAD, style: { head: [], border: [] }, wordWrap: true });
table.push(...rows);
process.stdout.write(`${table}\n`);
// A run in which something failed, or was skipped, is nothing to quote.
if (status === 0 && rows.length === ALL) {
  const readme = readFileSync("README.md", "utf8");
  writeFileSync("README.md", readme.replace(MARKED, `$1${toMarkdown(rows)}$2`));
}
process.exit(status ?? 1);
