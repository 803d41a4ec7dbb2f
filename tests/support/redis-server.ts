import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { atOurEnd } from "./at-our-end";
import { freePort } from "./free-port";

/** Whether there is a `redis-server` on the PATH. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

export type RedisServer = Awaited<ReturnType<typeof startRedis>>;

/** A real Redis on a free port, which keeps nothing on disk, and can be killed, paused and started again. */
export const startRedis = async (...options: string[]) => startRedisOn(await freePort(), ...options);

/** As `startRedis`, on a port that the caller knows to be free. */
export async function startRedisOn(port: number, ...options: string[]) {
  const dir = await mkdtemp(join(tmpdir(), "libero-redis-"));
  const listen = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir];
  const nowhere = ["--save", "", "--appendonly", "no"];
  let child: ChildProcess;
  const start = async () => {
    child = spawn("redis-server", [...listen, ...nowhere, ...options], { stdio: "ignore" });
    child.once("exit", atOurEnd(`kill -9 ${child.pid}`));
    await answering(port, child);
  };
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exited;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    /** Starts it again on its port, empty. */
    start,
    kill: () => kill("SIGKILL"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    stop: () => kill("SIGKILL"),
  };
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode} at its start`);
    const answer = await ask(port, "ping").catch((error: Error) => error.message);
    if (/PONG|NOAUTH/.test(String(answer))) return;
    await sleep(10);
  }
  throw new Error("redis-server did not answer in 10 s");
}

/** Sends one command, over a connection of its own. */
export async function ask(port: number, command: string, ...args: (string | number)[]): Promise<unknown> {
  const redis = new Redis({
    port,
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    protocol: 2,
  });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
