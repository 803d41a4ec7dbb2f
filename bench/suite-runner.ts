import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SuiteResult } from "./measure/bench";
import type { SuiteName } from "./options";
import type { Servers } from "./servers";

export type SuiteOrder = { name: SuiteName; quick: boolean; servers: Servers };

/** What a suite's process says. */
export type FromSuite = { say: string } | { result: SuiteResult } | { failed: string };

export type Running = {
  /** The folder for CPU profiles; undefined: none are made. */
  profiles: string | undefined;
  /** Suites keep within bounds by themselves; this is for one that hangs all the same. */
  limitMs: number;
  /** Ends the suite at once. */
  signal: AbortSignal;
  say(detail: string): void;
};

/** Of what a suite wrote to its error output, the end. */
const MOST_COMPLAINTS = 2_000;

/** Runs a suite in a process of its own. @throws where it fails, ends without a result, or takes too long */
export async function runSuite(order: SuiteOrder, running: Running): Promise<SuiteResult> {
  const { limitMs, signal, say } = running;
  const child = start(order, running.profiles);
  const limit = AbortSignal.timeout(limitMs);
  const stop = AbortSignal.any([signal, limit]);
  const end = () => endGroup(child.pid);
  stop.addEventListener("abort", end);
  if (stop.aborted) end();

  const heard: { result?: SuiteResult; failed?: string } = {};
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-MOST_COMPLAINTS);
  });
  child.on("message", (message: FromSuite) => {
    if ("say" in message) say(message.say);
    else Object.assign(heard, message);
  });
  const [code, killedBy] = await once(child, "exit");
  stop.removeEventListener("abort", end);
  end();
  if (limit.aborted) throw new Error(`took longer than ${Math.round(limitMs / 1_000)} s`);
  if (heard.result) return heard.result;
  throw new Error(heard.failed ?? `ended without a result (${killedBy ?? `code ${code}`})\n${complaints}`);
}

function start(order: SuiteOrder, profiles: string | undefined): ChildProcess {
  const profiling = profiles ? ["--cpu-prof", `--cpu-prof-dir=${profiles}`] : [];
  return fork(fileURLToPath(new URL("suite-process.ts", import.meta.url)), [JSON.stringify(order)], {
    execArgv: ["--import", "tsx", "--expose-gc", ...profiling],
    // As JSON, a figure that is no number would become null on the way.
    serialization: "advanced",
    // A group of its own: whatever the suite started ends with it, and Ctrl-C is ours to pass on.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Ends what is left of a suite, and of what it started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}
