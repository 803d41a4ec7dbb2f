import { chartFile, RESULTS } from "./files";
import { targetsTable } from "./markdown";
import { isMet, type Measured, machineLine, type Results, summaryOf, targetsOf } from "./results";

/** How many of a suite's targets the README shows: the first ones, which the suite put first. */
const SHOWN: Record<string, number> = {
  requests: 4,
  http: 2,
  growth: 3,
  writes: 1,
  cleanup: 1,
  instances: 1,
  memory: 1,
};

/** What the README quotes of a run. Whatever was missed is among it. */
export function readmePart(results: Results): string {
  const targets = targetsOf(results);
  const shown = targets.filter(
    (target) => !isMet(target) || placeIn(targets, target) < (SHOWN[target.suite] ?? 0),
  );
  const [first] = results.suites.filter((suite) => "result" in suite && suite.result.charts.length > 0);
  const chart =
    first && "result" in first
      ? [`![${first.result.charts[0]?.title}](${RESULTS}/${chartFile(first.name, 0)})\n`]
      : [];
  const all = `${summaryOf(targets)}; [all figures](${RESULTS}/results.md).`;
  return ["", targetsTable(shown), ...chart, `${machineLine(results)}. ${all}\n`, ""].join("\n");
}

/** Which of its suite's targets it is, from 0. */
const placeIn = (targets: Measured[], target: Measured) =>
  targets.filter(({ suite }) => suite === target.suite).indexOf(target);
