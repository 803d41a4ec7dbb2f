import type { Table } from "../measure/bench";
import { chartFile } from "./files";
import {
  boundText,
  machineLine,
  measuredText,
  type Results,
  type SuiteReport,
  summaryOf,
  targetsOf,
  verdictOf,
} from "./results";

/** A table as the formatter leaves it: columns of one width, all but the first to the right. */
export function markdownTable(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? "")), 3));
  const line = (row: string[]) =>
    `| ${widths.map((width, column) => pad(row[column] ?? "", width, column > 0)).join(" | ")} |\n`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const [first = [], ...rest] = cells;
  return line(first) + line(rule) + rest.map(line).join("");
}

/** All of a run, for people. */
export function resultsMarkdown(results: Results): string {
  const targets = targetsOf(results);
  return [
    "# What the benchmark measured\n",
    `${machineLine(results)}. A ${results.mode} run; written by \`npm run bench\`.\n`,
    "## Targets\n",
    targets.length === 0 ? "None in this run.\n" : `${summaryOf(targets)}.\n`,
    ...(targets.length === 0 ? [] : [targetsTable(targets)]),
    ...results.suites.map(suiteMarkdown),
  ].join("\n");
}

export function targetsTable(targets: ReturnType<typeof targetsOf>): string {
  return markdownTable(
    ["what", "measured", "bound", ""],
    targets.map((target) => [target.what, measuredText(target), boundText(target), verdictOf(target)]),
  );
}

function suiteMarkdown(suite: SuiteReport): string {
  const head = `## ${suite.title}\n`;
  if ("failed" in suite) return `${head}\nFailed: ${suite.failed.split("\n")[0]}\n`;
  const { charts, tables } = suite.result;
  return [
    head,
    ...charts.map(({ title }, index) => `![${title}](${chartFile(suite.name, index)})\n`),
    ...tables.map(tableMarkdown),
  ].join("\n");
}

function tableMarkdown({ title, note, head, rows }: Table): string {
  return [`### ${title}\n`, ...(note ? [`${note}\n`] : []), markdownTable(head, rows)].join("\n");
}

const widthOf = (text: string) => [...text].length;

function pad(text: string, width: number, toTheRight: boolean): string {
  const space = " ".repeat(width - widthOf(text));
  return toTheRight ? space + text : text + space;
}
