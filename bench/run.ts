import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createProgress, describeTime, type Step } from "./measure/progress";
import { isWhole, type Options, readOptions, type SuiteName, USAGE } from "./options";
import { prepare } from "./prepare";
import { loadSuite } from "./registry";
import { PROFILES } from "./report/files";
import { thisCommit, thisMachine } from "./report/machine";
import type { Results, SuiteReport } from "./report/results";
import { tablesForTerminal, targetsForTerminal } from "./report/terminal";
import { writeReports } from "./report/write";
import { type Servers, startServers } from "./servers";
import { runSuite } from "./suite-runner";

/** `npm run bench`: every suite in a process of its own, on servers of this run's own, and the reports. */
type Planned = Step & { name: SuiteName; broken?: Error };

/** A suite is ended after so many times its estimate, and so many seconds more. */
const PATIENCE = { times: 4, seconds: 60 };

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const options = optionsOrExit();
const interrupted = interruption();
const results = await measure(options).catch((error: Error) => {
  if (!interrupted.aborted) process.stderr.write(`${error.message}\n`);
  process.exit(process.exitCode || 1);
});
process.exit(await report(results, options));

function optionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Ctrl-C and its like: whatever is under way ends, and the servers with it. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const [name, code] of Object.entries(EXIT_CODES)) {
    process.on(name, () => {
      process.exitCode = code;
      controller.abort(new Error(`ended by ${name}`));
    });
  }
  return controller.signal;
}

async function measure(given: Options): Promise<Results> {
  interrupted.addEventListener("abort", () => {
    process.stderr.write(`${interrupted.reason.message}; nothing is written\n`);
  });
  await withProgress([], (progress) => prepare(progress.say, interrupted));
  // Suites import the benchmark's own packages: they are loaded only after those are installed.
  const planned = await plan(given);
  return withProgress(planned, async (progress) => {
    progress.say("starts the servers");
    const servers = await startServers();
    try {
      const machine = thisMachine({ postgres: servers.version, redis: servers.redis !== undefined });
      const suites = await runAll(planned, given, servers, progress);
      const mode = given.quick ? "quick" : "full";
      return { date: new Date().toISOString(), commit: thisCommit(), mode, machine, suites };
    } finally {
      await servers.stop();
    }
  });
}

/** Shows a progress line for as long as the work takes. */
async function withProgress<Result>(
  steps: Step[],
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = createProgress(process.stdout, steps);
  const stop = () => progress.stop();
  interrupted.addEventListener("abort", stop);
  try {
    return await work(progress);
  } finally {
    interrupted.removeEventListener("abort", stop);
    stop();
  }
}

/** Title and estimate of each suite. A suite that cannot be loaded fails when its turn comes. */
function plan({ only, quick }: Options): Promise<Planned[]> {
  const planOne = async (name: SuiteName): Promise<Planned> => {
    try {
      const { title, seconds } = await loadSuite(name);
      return { name, title, estimateSeconds: quick ? seconds.quick : seconds.full };
    } catch (error) {
      return { name, title: name, estimateSeconds: 0, broken: error as Error };
    }
  };
  return Promise.all(only.map(planOne));
}

type Progress = ReturnType<typeof createProgress>;

async function runAll(planned: Planned[], { quick, cpuProf }: Options, all: Servers, progress: Progress) {
  const servers: Servers = { postgres: all.postgres, redis: all.redis };
  const reports: SuiteReport[] = [];
  for (const { name, title, estimateSeconds, broken } of planned) {
    const profiles = cpuProf ? resolve(PROFILES, name) : undefined;
    if (profiles) mkdirSync(profiles, { recursive: true });
    progress.begin();
    try {
      if (broken) throw broken;
      const limitMs = (estimateSeconds * PATIENCE.times + PATIENCE.seconds) * 1_000;
      const running = { profiles, limitMs, signal: interrupted, say: progress.say };
      const result = await runSuite({ name, quick, servers }, running);
      reports.push({ name, title, tookSeconds: progress.end(), result });
    } catch (error) {
      interrupted.throwIfAborted();
      const failed = (error as Error).message;
      reports.push({ name, title, tookSeconds: progress.end(failed), failed });
    }
  }
  return reports;
}

/** @returns the exit code: a target that was missed is a measurement, a suite that failed is a failure */
async function report(measured: Results, given: Options): Promise<number> {
  const failed = measured.suites.filter((suite) => "failed" in suite);
  const written = await writeReports(measured, isWhole(given) && failed.length === 0);
  const seconds = describeTime(performance.now() / 1_000);
  process.stdout.write(
    [
      tablesForTerminal(measured, "requests"),
      targetsForTerminal(measured),
      ...written,
      ...(given.cpuProf ? [`CPU profiles are in ${join(PROFILES, "<suite>")}.`] : []),
      `That took ${seconds}.`,
      ...failed.map(({ title }) => `Failed: ${title}`),
      "",
    ].join("\n"),
  );
  return failed.length > 0 ? 1 : 0;
}
