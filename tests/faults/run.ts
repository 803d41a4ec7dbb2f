import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cellsOf, HEAD } from "./table";

/**
 * `npm run faults`: lets everything die that can, which prints what came of it as a table, and puts that table into the
 * README.
 */
const MARKED = /(<!-- faults:begin -->\n)[\s\S]*?(<!-- faults:end -->)/;

function toMarkdown(rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  return line(HEAD) + line(HEAD.map((_, index) => (index === 0 ? "---" : "---:"))) + rows.map(line).join("");
}

const folder = mkdtempSync(join(tmpdir(), "libero-faults-"));
const [file, report] = [join(folder, "rows.jsonl"), join(folder, "vitest.json")];
const { status } = spawnSync(
  "npx",
  [
    "vitest",
    "run",
    "--project",
    "faults",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ],
  { stdio: "inherit", env: { ...process.env, FAULTS_FILE: file } },
);
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const { numTotalTests } = JSON.parse(readFileSync(report, "utf8")) as { numTotalTests: number };
rmSync(folder, { recursive: true });
const isComplete = status === 0 && lines.length === numTotalTests;
if (isComplete) {
  const table = toMarkdown(lines.map((line) => cellsOf(JSON.parse(line))));
  const readme = readFileSync("README.md", "utf8");
  writeFileSync(
    "README.md",
    readme.replace(MARKED, (_, begin, end) => `${begin}${table}${end}`),
  );
  spawnSync("npx", ["biome", "format", "--write", "README.md"], { stdio: "ignore" });
}
process.stdout.write(
  isComplete
    ? "The README has the table.\n"
    : "Something failed or was skipped: the README keeps what it had.\n",
);
process.exit(status ?? 1);
