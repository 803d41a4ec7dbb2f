import { basename } from "node:path";

/** SIGHUP is what a terminal sends when it closes. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const PARENT_CHECK_MS = 500;

/**
 * Calls `stop` at the first request to stop this process: a signal, or the end of the npm that runs it. npm passes on
 * SIGTERM and SIGINT alone; after any other signal its script would go on as an orphan.
 */
export function onStopRequest(stop: () => void): void {
  let requested = false;
  const request = () => {
    // Ctrl-C arrives twice under npm, from the terminal and from npm.
    if (requested) return;
    requested = true;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, request);
  if (isNpmScript()) onParentExit(request);
}

/** Whether this file is what a script of package.json runs in the foreground. */
function isNpmScript(): boolean {
  const [, file = ""] = process.argv;
  return file !== "" && process.env.npm_lifecycle_script?.endsWith(basename(file)) === true;
}

function onParentExit(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    // Windows gives an orphan no other parent: the process id has to be asked for.
    if (process.ppid === parent && isRunning(parent)) return;
    clearInterval(timer);
    callback();
  }, PARENT_CHECK_MS).unref();
}

/** Whether there is a process with this id, ours or not. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
