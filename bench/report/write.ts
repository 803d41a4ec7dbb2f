import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { costsOf } from "../scaling/costs";
import { scalingPart } from "../scaling/page";
import { chartSvg } from "./chart";
import { chartFile, OTHER_RESULTS, RESULTS } from "./files";
import { resultsMarkdown } from "./markdown";
import { withMarkedPart } from "./marked";
import { readmePart } from "./readme";
import type { Results } from "./results";

/**
 * Writes what a run measured.
 * @param whole whether it may stand for the project: then the README and docs/scaling.md quote it
 * @returns what was written, a line each
 */
export async function writeReports(results: Results, whole: boolean): Promise<string[]> {
  const folder = whole ? RESULTS : OTHER_RESULTS;
  writeResults(results, folder);
  if (!whole) {
    format(folder);
    return [
      `${folder} has all figures. Such a run is not quoted: ${RESULTS} and the README keep what they had.`,
    ];
  }
  const said = [`${RESULTS} has all figures, the README what it quotes of them.`];
  quote("README.md", "bench", readmePart(results));
  const costs = costsOf(results);
  if ("missing" in costs) {
    quote("docs/scaling.md", "scaling", "");
    said.push(`docs/scaling.md has no table: not measured were ${costs.missing.join(", ")}.`);
  } else {
    quote("docs/scaling.md", "scaling", await scalingPart(costs));
    said.push("docs/scaling.md has what follows of them for many sessions.");
  }
  format(RESULTS, "README.md", "docs/scaling.md");
  return said;
}

/** In place of those of the last run. */
function writeResults(results: Results, folder: string): void {
  const last = join(folder, "results.json");
  if (existsSync(last))
    for (const file of chartsOf(JSON.parse(readFileSync(last, "utf8"))))
      rmSync(join(folder, file.name), { force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(last, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, "results.md"), resultsMarkdown(results));
  for (const { name, svg } of chartsOf(results)) writeFileSync(join(folder, name), svg);
}

const chartsOf = ({ suites }: Results) =>
  suites.flatMap((suite) =>
    "result" in suite
      ? suite.result.charts.map((chart, index) => ({
          name: chartFile(suite.name, index),
          svg: chartSvg(chart),
        }))
      : [],
  );

function quote(file: string, mark: string, part: string): void {
  writeFileSync(file, withMarkedPart(readFileSync(file, "utf8"), mark, part));
}

function format(...paths: string[]): void {
  spawnSync("npx", ["biome", "format", "--write", ...paths], { stdio: "ignore" });
}
