import { execFileSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { atOurEnd } from "./at-our-end";
import { migrate, newPostgres } from "./embedded-postgres";
import { freePort } from "./free-port";

export type FaultyPostgres = Awaited<ReturnType<typeof startFaultyPostgres>>;

/** A real PostgreSQL server of the test's own, with Libero's schema, that can be harmed. What is committed is on disk. */
export async function startFaultyPostgres() {
  const databaseDir = await mkdtemp(join(tmpdir(), "libero-faulty-postgres-"));
  const port = await freePort();
  const server = newPostgres({ databaseDir, port });
  let callOff: (() => void) | undefined;
  const start = async () => {
    await server.start();
    callOff = stopAtOurEnd(await postmasterOf(databaseDir));
  };
  await server.initialise();
  await start();
  const url = `postgres://postgres:test@127.0.0.1:${port}/postgres`;
  await migrate(url);

  return {
    url,
    /** As after a crash: no goodbye, and recovery from the log at the next start (`pg_ctl stop -m immediate`). */
    async stopImmediate() {
      await quit(await postmasterOf(databaseDir));
      callOff?.();
      callOff = undefined;
    },
    start,
    pause: async () => pause(await postmasterOf(databaseDir)),
    resume: async () => resume(await postmasterOf(databaseDir)),
    /** Ends every connection of the app. @returns how many */
    async terminateConnections(): Promise<number> {
      const client = server.getPgClient("postgres");
      await client.connect();
      const { rows } = await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'libero%'",
      );
      await client.end();
      return rows.length;
    },
    /** Also where a test was cut off while it was paused, or stopped. */
    async stop() {
      if (callOff) resume(await postmasterOf(databaseDir));
      else await start();
      await server.stop();
      callOff?.();
    },
  };
}

async function postmasterOf(databaseDir: string): Promise<number> {
  return Number((await readFile(join(databaseDir, "postmaster.pid"), "utf8")).split("\n")[0]);
}

function pause(postmaster: number): void {
  // First, so that it has no more children than are listed then.
  signal(postmaster, "SIGSTOP");
  for (const each of childrenOf(postmaster)) signal(each, "SIGSTOP");
}

function resume(postmaster: number): void {
  for (const each of [...childrenOf(postmaster), postmaster]) signal(each, "SIGCONT");
}

async function quit(postmaster: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  signal(postmaster, "SIGQUIT");
  while (signal(postmaster, 0)) {
    if (Date.now() > deadline) throw new Error("PostgreSQL did not stop in 10 s");
    await sleep(10);
  }
}

/** What is paused then has to go on, to be able to stop. */
function stopAtOurEnd(postmaster: number): () => void {
  return atOurEnd(`kill -CONT ${postmaster} $(pgrep -P ${postmaster}); kill -QUIT ${postmaster}`);
}

/** A server has some at any time. */
function childrenOf(postmaster: number): number[] {
  const listed = execFileSync("pgrep", ["-P", String(postmaster)], { encoding: "utf8" });
  return listed.trim().split("\n").map(Number);
}

/** @returns whether there is such a process */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
