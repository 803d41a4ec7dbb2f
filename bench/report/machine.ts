import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import type { Machine } from "./results";

/** What this run runs on. @param redis whether it has a Redis */
export function thisMachine({ postgres, redis }: { postgres: string; redis: boolean }): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() || "an unknown model",
    cores: os.availableParallelism(),
    memoryGigabytes: Math.round(os.totalmem() / 1e8) / 10,
    os: `${distribution() ?? os.type()} (${os.type()} ${os.release()}, ${os.arch()})`,
    node: process.versions.node,
    postgres,
    redis: redis ? redisVersion() : null,
  };
}

/** The short one of the commit, with "+" where files were changed since. */
export function thisCommit(): string {
  const commit = output("git", "rev-parse", "--short", "HEAD");
  if (!commit) return "unknown";
  return output("git", "status", "--porcelain") ? `${commit}+` : commit;
}

function distribution(): string | undefined {
  const file = "/etc/os-release";
  if (!existsSync(file)) return undefined;
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync(file, "utf8"))?.[1];
}

function redisVersion(): string {
  const printed = output("redis-server", "--version");
  return /v=([\d.]+)/.exec(printed)?.[1] ?? printed;
}

const output = (command: string, ...args: string[]) =>
  spawnSync(command, args, { encoding: "utf8" }).stdout?.trim() ?? "";
