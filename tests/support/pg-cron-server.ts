import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "./free-port";

const DEBIAN = "/usr/lib/postgresql/15";

/** Whether Debian's `postgresql-15-cron` is installed. */
export const hasPgCron = existsSync(`${DEBIAN}/lib/pg_cron.so`) && existsSync(`${DEBIAN}/bin/initdb`);

/** A PostgreSQL 15 of Debian's with pg_cron loaded for the database `postgres`, as a cluster of the test's own. */
export async function startPgCronServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const owner = serverUser();
  const folder = await mkdtemp(join(tmpdir(), "libero-pg-cron-"));
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid as number);
  const port = await freePort();
  const data = join(folder, "data");
  execFileSync(`${DEBIAN}/bin/initdb`, ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync"], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: folder, fsync: "off" };
  const cron = { shared_preload_libraries: "pg_cron", "cron.database_name": "postgres" };
  const flags = Object.entries({ ...settings, ...cron }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const server = spawn(`${DEBIAN}/bin/postgres`, ["-D", data, ...flags], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  const exited = new Promise((resolve) => server.once("exit", resolve));
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return {
    url,
    async stop() {
      server.kill("SIGINT");
      await exited;
    },
  };
}

/** The server refuses to run as root; Debian's package brings a user of its own. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

async function untilReady(url: string) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
