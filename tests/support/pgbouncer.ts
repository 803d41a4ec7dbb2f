import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { atOurEnd } from "./at-our-end";
import { freePort } from "./free-port";

/** Debian installs it where only root's PATH leads. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

/** Whether there is a `pgbouncer` on the PATH, or where Debian installs it. */
export const hasPgbouncer = spawnSync("pgbouncer", ["--version"], { env }).status === 0;

/** Settings of `[pgbouncer]` in its configuration file. */
type Settings = Record<string, string | number> & { pool_mode: "transaction" | "session" | "statement" };

/**
 * A real PgBouncer on a free port, in front of every database of a server.
 * @param databaseUrl a database on that server; its user is the one that PgBouncer knows
 */
export async function startPgbouncer(databaseUrl: string, settings: Settings) {
  const port = await freePort();
  const target = new URL(databaseUrl);
  const child = spawn("pgbouncer", [...unprivileged(), await writeConfig(target, { port, settings })], {
    stdio: "ignore",
    env,
  });
  const callOff = atOurEnd(`kill -9 ${child.pid}`);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const adminUrl = Object.assign(new URL(target), { port, pathname: "/pgbouncer" }).href;
  await untilReady(adminUrl, () => child.exitCode !== null || child.signalCode !== null);
  return {
    /** The address of a database through it. @param direct the address of the same database without it */
    through: (direct: string) => Object.assign(new URL(direct), { port }).href,
    /** What a command of its administration console answers, such as `show pools`. */
    admin: (command: string) => ask(adminUrl, command),
    async stop() {
      child.kill("SIGKILL");
      await exited;
      callOff();
    },
  };
}

/** Who may use it beside the owner of the database, with the same password: a role that tests make. */
const OTHER_USER = "limited";

/** It refuses to run as root. */
const unprivileged = () => (process.getuid?.() === 0 ? ["-u", "nobody"] : []);

async function writeConfig(target: URL, { port, settings }: { port: number; settings: Settings }) {
  const dir = await mkdtemp(join(tmpdir(), "libero-pgbouncer-"));
  const [users, config] = [join(dir, "users.txt"), join(dir, "pgbouncer.ini")];
  const all = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "plain",
    auth_file: users,
    admin_users: target.username,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  await writeFile(
    users,
    [target.username, OTHER_USER].map((user) => `"${user}" "${target.password}"\n`).join(""),
  );
  await writeFile(
    config,
    `[databases]\n* = host=${target.hostname} port=${target.port}\n[pgbouncer]\n${lines.join("\n")}\n`,
  );
  await chmod(dir, 0o755);
  return config;
}

async function untilReady(adminUrl: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (ended()) throw new Error("PgBouncer ended at its start");
    if (await ask(adminUrl, "show version").catch(() => undefined)) return;
    await sleep(10);
  }
  throw new Error("PgBouncer did not answer in 10 s");
}

async function ask(adminUrl: string, command: string) {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(command)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
