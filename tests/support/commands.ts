import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Database } from "../../app/lib/db/database";
import { openPglite } from "../../app/lib/db/pglite";
import { openPostgres } from "../../app/lib/db/postgres";
import { runSessionsCommand } from "../../bin/sessions/run";
import type { Environment } from "./app-server";
import { createTestDatabase } from "./database";
import { copyEmbedded } from "./embedded-database";
import { hasPostgrest, startPostgrest } from "./postgrest";
import { silentLogger } from "./silent-logger";

export type Outcome = { code: number | null; stdout: string; stderr: string };

const SESSIONS = ["--import", "tsx", resolve("bin/sessions.ts")];

/**
 * The operator's command line in a process of its own, without a terminal; of this process's environment, PATH.
 * @param cwd the folder that it is called in
 */
export function runSessions(args: string[], env: Environment, cwd = "."): Promise<Outcome> {
  return finished(start(process.execPath, [...SESSIONS, ...args], env, cwd));
}

/**
 * The same in this process, which loads nothing again: for what a command answers, not for how its process
 * behaves. What it logs is not in the outcome.
 */
export async function callSessions(args: string[], env: Environment): Promise<Outcome> {
  const before = process.env;
  process.env = { NODE_ENV: "development", LOG_LEVEL: "silent", PATH: before.PATH, ...env };
  // The app keeps its services for as long as the process runs.
  const forgetServices = () => Reflect.deleteProperty(globalThis, Symbol.for("libero.wiring"));
  forgetServices();
  try {
    return await runSessionsCommand(args);
  } finally {
    forgetServices();
    process.env = before;
  }
}

/** A program of `docs/examples`, likewise. */
export function runExample(name: string, env: Environment): Promise<Outcome> {
  return finished(start(process.execPath, ["--import", "tsx", `docs/examples/${name}.ts`], env, "."));
}

/** The same on a terminal, where somebody types an answer to its question. */
export function runSessionsOnTerminal(args: string[], env: Environment, answer: string): Promise<Outcome> {
  const command = [process.execPath, ...SESSIONS, ...args].join(" ");
  const child = start("script", ["-qec", command, "/dev/null"], env, ".", "pipe");
  let printed = "";
  child.stdout?.on("data", (chunk) => {
    printed += chunk;
    if (printed.includes("[y/N]")) child.stdin?.end(answer);
  });
  return finished(child);
}

function start(
  command: string,
  args: string[],
  env: Environment,
  cwd: string,
  stdin: "ignore" | "pipe" = "ignore",
) {
  const { PATH } = process.env;
  const stdio = [stdin, "pipe", "pipe"] satisfies StdioOptions;
  return spawn(command, args, { cwd, stdio, env: { NODE_ENV: "development", PATH, ...env } });
}

function finished(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk) => {
      outcome[stream] += chunk;
    });
  }
  return new Promise((done) => child.once("close", (code) => done({ ...outcome, code })));
}

type Run = (args: string[], env: Environment) => Promise<Outcome>;

/** The document that a command prints with `--json`, and nothing beside it. */
export async function documentOf(args: string[], env: Environment, run: Run = callSessions) {
  const { code, stdout, stderr } = await run([...args, "--json"], env);
  return { code, stderr, document: JSON.parse(stdout) };
}

type Verdict = { status: string; found: string; mend: string | null };

/** What doctor says: its checks by their names. */
export async function examine(env: Environment, run: Run = callSessions) {
  const { code, stderr, document } = await documentOf(["doctor"], env, run);
  const checks: Record<string, Verdict> = Object.fromEntries(
    document.checks.map(({ check, ...verdict }: Verdict & { check: string }) => [check, verdict]),
  );
  return { code, stderr, ok: document.ok, checks, notChecked: document.notChecked };
}

/** A database by the variables that name it. */
export type OperatorHome = {
  env: Environment;
  /** Does something in the database and lets go of it, so that a command may open it. */
  prepare(work: (db: Database) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };

/** Every wire that an operator may have. */
export const OPERATOR_HOMES: Record<Database["kind"], () => Promise<OperatorHome>> = {
  async postgres() {
    const { url, drop } = await createTestDatabase();
    return {
      env: { DATABASE_URL: url },
      prepare: over(() => openPostgres({ url, ...OPTIONS })),
      close: drop,
    };
  },
  async pglite() {
    const folder = await copyEmbedded();
    const prepare = over(() => openPglite({ folder, ...OPTIONS }));
    return { env: { DATABASE_URL: `pglite://${folder}` }, prepare, close: async () => {} };
  },
  async supabase() {
    const { url, drop } = await createTestDatabase();
    const postgrest = await startPostgrest(url, { maxRows: 1 });
    const env = { SUPABASE_URL: postgrest.url, SUPABASE_SECRET_KEY: postgrest.key("service_role") };
    const prepare = over(() => openPostgres({ url, ...OPTIONS }));
    return { env, prepare, close: () => postgrest.stop().then(drop) };
  },
};

/** Whether this machine has the servers of such a home. */
export const hasHome = (kind: Database["kind"]) => kind !== "supabase" || hasPostgrest;

const over = (open: () => Database) => async (work: (db: Database) => Promise<void>) => {
  const db = open();
  try {
    await db.migrate();
    await work(db);
  } finally {
    await db.close();
  }
};
