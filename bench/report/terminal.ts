import Table from "cli-table3";
import type { Table as SuiteTable } from "../measure/bench";
import { boundText, isMet, measuredText, type Results, summaryOf, targetsOf } from "./results";

/** The table of ratios: every target, and what came out. */
export function targetsForTerminal(results: Results): string {
  const targets = targetsOf(results);
  if (targets.length === 0) return "No targets in this run.\n";
  const rows = targets.map((target) => [
    target.what,
    boundText(target),
    measuredText(target),
    isMet(target) ? "met" : "MISSED",
  ]);
  return `${draw({ title: "Targets", head: ["what", "bound", "measured", ""], rows })}${summaryOf(targets)}\n`;
}

/** A suite's tables. */
export function tablesForTerminal({ suites }: Results, name: string): string {
  const suite = suites.find((one) => one.name === name);
  return suite && "result" in suite ? suite.result.tables.map(draw).join("\n") : "";
}

function draw({ title, note, head, rows }: SuiteTable): string {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
  });
  table.push(...rows);
  return `${title}\n${table}\n${note ? `${note}\n` : ""}`;
}
