import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./app-server";

export type NpmScript = {
  /** Everything it printed so far. */
  output: () => string;
  ended: () => boolean;
  /** How npm itself ended: its exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  /** To npm alone, as a container runtime or a supervisor sends it. */
  signalNpm(signal: NodeJS.Signals): void;
  /** To npm and all that it started, as a terminal sends it. */
  signalAll(signal: NodeJS.Signals): void;
  /** Whether npm, or anything that it started, is still there. */
  isAlive(): boolean;
  /** Leaves nothing behind, however the test went. */
  kill(): void;
};

/**
 * Runs a script of package.json by npm, as its users do, in a process group of its own.
 * @param env nothing else of this process's environment but PATH reaches it
 */
export function runNpmScript(script: "start" | "dev", env: Environment, folder = "."): NpmScript {
  const { PATH } = process.env;
  const child = spawn("npm", ["run", script], {
    cwd: folder,
    env: { PATH, ...OWN_NPM, ...env } as Environment as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = -(child.pid as number);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      printed += chunk;
    });
  }
  let over = false;
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => {
      over = true;
      resolve(code ?? (signal as NodeJS.Signals));
    });
  });
  return {
    output: () => printed,
    ended: () => over,
    exited,
    signalNpm: (signal) => void child.kill(signal),
    signalAll: (signal) => void process.kill(group, signal),
    isAlive: () => sendSignal(group, 0),
    kill: () => void sendSignal(group, "SIGKILL"),
  };
}

/** npm's cache and logs stay out of the home folder, and it does not look for a newer npm. */
const OWN_NPM = {
  npm_config_cache: mkdtempSync(join(tmpdir(), "libero-npm-")),
  npm_config_update_notifier: "false",
};

/** @param pid a negative one means a process group; signal 0 only looks. @returns whether there was one */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
