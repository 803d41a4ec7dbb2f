import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** What `npm test`, `npm run test:long` and `npm run test:nodes` share: they run suites and count the tests. */

type Environment = Record<string, string>;

/** How many tests passed, failed, and were skipped because their real part is not on this machine; which those are. */
export type Tally = { passed: number; failed: number; skipped: number; skippedNames: string[] };

type VitestReport = {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string; tags: string[] }[];
  }[];
};
type PlaywrightSuite = { title: string; specs?: PlaywrightSpec[]; suites?: PlaywrightSuite[] };
type PlaywrightSpec = { title: string; tests: { status: string }[] };

/** Everything that the tests put aside (databases, browsers, reports) goes here, and goes away with the run. */
export const scratch = mkdtempSync(join(tmpdir(), "libero-tests-"));
// As the system's folder for temporary files: where we are root, PostgreSQL and some tests run as other users.
chmodSync(scratch, 0o1777);
process.on("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

/** Runs a command in the foreground. @returns whether its exit code was 0 */
export function run(command: string, args: string[], env: Environment = {}): boolean {
  const { status } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, TMPDIR: scratch, ...env },
  });
  return status === 0;
}

/** Builds the app, which many tests start. Ends this process where that fails. */
export function build(env: Environment = {}): void {
  if (!run("npm", ["run", "build"], env)) process.exit(1);
}

/** As vitest's arguments. */
export const projects = (...names: string[]) => names.flatMap((name) => ["--project", name]);

type VitestOptions = {
  env?: Environment;
  /** Of the files only the tests that have this tag; after a "!", only those that do not have it. */
  tagsFilter?: string;
};

/** Runs vitest. @param args projects and files */
export function vitest(args: string[], { env = {}, tagsFilter = "" }: VitestOptions = {}): Tally {
  const report = join(scratch, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  rmSync(report, { force: true });
  const filter = tagsFilter ? [`--tags-filter=${tagsFilter}`] : [];
  const ok = run("npx", ["vitest", "run", ...args, ...filter, ...reporters], env);
  const { success, testResults: files } = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
  // Those that the filter leaves out are reported as skipped, as are those whose real part is missing.
  const testResults = files.map(({ assertionResults, ...file }) => ({
    ...file,
    assertionResults: assertionResults.filter(({ tags }) => fits(tags, tagsFilter)),
  }));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (status: string) => results.filter((result) => result.status === status).length;
  // A file that breaks before its first test has no failed test, and has failed all the same.
  const broken = testResults.filter((file) => file.status === "failed" && !hasFailedTest(file)).length;
  const failed = count("failed") + broken;
  return {
    passed: count("passed"),
    failed: ok && success ? failed : Math.max(failed, 1),
    skipped: count("skipped"),
    skippedNames: testResults.flatMap(skippedIn),
  };
}

function fits(tags: string[], filter: string): boolean {
  if (filter.startsWith("!")) return !tags.includes(filter.slice(1));
  return filter === "" || tags.includes(filter);
}

/** What to call the tests of a file that were skipped: by the file where none of it ran. */
function skippedIn({ name, assertionResults }: VitestReport["testResults"][number]): string[] {
  const skipped = assertionResults.filter(({ status }) => status === "skipped");
  if (skipped.length > 1 && skipped.length === assertionResults.length)
    return [`${relative(process.cwd(), name)} (all of its ${skipped.length} tests)`];
  return skipped.map(({ fullName }) => fullName);
}

function hasFailedTest({ assertionResults }: VitestReport["testResults"][number]): boolean {
  return assertionResults.some(({ status }) => status === "failed");
}

/** Runs the browser's tests. @param files parts of the names of those to run; without any, all */
export function playwright(files: string[] = [], env: Environment = {}): Tally {
  const report = join(scratch, "playwright.json");
  rmSync(report, { force: true });
  const reporter = { PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const ok = run("npx", ["playwright", "test", ...files, "--reporter=list,json"], { ...env, ...reporter });
  const { suites } = JSON.parse(readFileSync(report, "utf8")) as { suites: PlaywrightSuite[] };
  const specs = suites.flatMap(specsOf);
  const withStatus = (...statuses: string[]) =>
    specs.filter(({ tests }) => tests.some((t) => statuses.includes(t.status)));
  const failed = withStatus("unexpected", "flaky").length;
  return {
    passed: withStatus("expected").length,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: withStatus("skipped").length,
    skippedNames: withStatus("skipped").map(({ title }) => title),
  };
}

function specsOf({ specs = [], suites = [] }: PlaywrightSuite): PlaywrightSpec[] {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** Prints what was skipped and one line that counts all tests, and ends. A run that tested nothing has failed. */
export function exitWith(...tallies: Tally[]): never {
  const total = (count: (tally: Tally) => number) => tallies.reduce((sum, tally) => sum + count(tally), 0);
  const [passed, failed] = [total((tally) => tally.passed), total((tally) => tally.failed)];
  const names = tallies.flatMap(({ skippedNames }) => skippedNames);
  if (names.length > 0)
    process.stdout.write(`\nSkipped, for a part that is not on this machine:\n  ${names.join("\n  ")}\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${total(({ skipped }) => skipped)} skipped\n`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}
