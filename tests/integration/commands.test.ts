import { execFile } from "node:child_process";
import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "../../app/lib/db/folder-lock";
import { callSessions, documentOf, runSessions } from "../support/commands";
import { createTestDatabase, type TestDatabase } from "../support/database";

/** Runs a script of package.json against a database, as an operator does. */
async function npmRun(script: string, args: string[], databaseUrl: string) {
  const env = { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: "warn" };
  const call = promisify(execFile)("npm", ["run", "--silent", script, "--", ...args], { env });
  return call.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

describe("the operator's command line", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase("bare");
  });
  afterAll(() => database.drop());

  it("A8, A9: db:migrate brings a database up to date, and sessions cleanup deletes what has expired", async () => {
    expect(await npmRun("db:migrate", [], database.url)).toMatchObject({
      code: 0,
      stdout: "The database is up to date.\n",
    });
    await database.sql.query(`
      insert into public.app_sessions (id, client_id, secret_hash, user_id, user_name, created_at, expires_at, last_activity_at)
      select gen_random_uuid(), c.id, sha256('x'), 'u', 'Jason', now() - interval '9 hours',
        now() + case when n <= 1500 then interval '-1 hour' else interval '1 hour' end, now()
      from public.install_client('old-oak', '{}', null) c, generate_series(1, 1503) n
    `);
    const cleaned = await npmRun("sessions", ["cleanup"], database.url);
    expect(cleaned).toMatchObject({
      code: 0,
      stdout: "1500 expired sessions, 0 HTTP sessions and 0 old events deleted.\n",
      stderr: "",
    });
    const { rows } = await database.sql.query("select count(*)::int as left from public.app_sessions");
    expect(rows).toEqual([{ left: 3 }]);
  });

  it("B7: operator-link makes a link for an operator, and for no one else", async () => {
    const env = {
      DATABASE_URL: database.url,
      APP_URL: "https://libero.example.com",
      OPERATOR_EMAILS: "olga@libero.example",
    };
    const made = await callSessions(["operator-link", "--email", "olga@libero.example"], env);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toMatch(
      /^https:\/\/libero\.example\.com\/magic\?token=[0-9a-f-]{36}\.[\w-]{43}\.[\w-]{43}\n\nIt works once, until .* UTC/,
    );
    const refused = await callSessions(["operator-link", "--email", "jason@spectra.example"], env);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^jason@spectra\.example is not among OPERATOR_EMAILS/);
  });

  it("R36, A9: cleanup deletes history past its retention, all of it, and says so", async () => {
    await database.sql.query(`
      delete from public.app_session_events;
      insert into public.app_session_events (at, event, session_id, client_id, user_id, user_name)
      select now() - n * interval '1 minute' - interval '9 days', 'started', gen_random_uuid(), c.id, 'u', 'Jason'
      from public.clients c, generate_series(-1439, 2001) n
    `);
    const env = { DATABASE_URL: database.url, SESSION_EVENT_RETENTION_DAYS: "9" };
    const { document } = await documentOf(["cleanup"], env);
    expect(document).toEqual({ deletedSessions: 0, deletedHttpSessions: 0, deletedEvents: 2002 });
    const { rows } = await database.sql.query("select count(*)::int as left from public.app_session_events");
    expect(rows).toEqual([{ left: 1439 }]);
  });

  it("says how it is used where a command is unknown, with exit code 2", async () => {
    const usage = { code: 2, stdout: "", stderr: expect.stringContaining("Usage") };
    expect(await npmRun("sessions", ["destroy"], database.url)).toMatchObject(usage);
    for (const args of [[], ["constructor"], ["cleanup", "twice"]]) {
      expect(await callSessions(args, { DATABASE_URL: database.url })).toMatchObject(usage);
    }
  });

  it("tells its usage when asked, of all and of each command, and needs no database for it", async () => {
    const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" };
    const all = await runSessions(["--help"], env);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    for (const command of ["stats", "list", "show", "end", "cleanup", "rekey", "doctor"]) {
      expect(all.stdout).toMatch(new RegExp(`^  ${command} `, "m"));
      const one = await callSessions([command, "--help"], env);
      expect(one).toMatchObject({ code: 0, stderr: "" });
      expect(one.stdout).toContain(`Usage: npm run sessions -- ${command}`);
    }
  });

  it.each([
    { args: ["stats", "--wat"], says: "Unknown option '--wat'" },
    { args: ["list", "--limit", "many"], says: "--limit must be a number" },
    { args: ["list", "--limit", "501"], says: "--limit must be at most 500" },
    { args: ["list", "--user", "u"], says: "--user needs --tenant" },
    { args: ["list", "--tenant", "Old Oak"], says: "lower-case slug" },
    { args: ["list", "--tenant"], says: "argument missing" },
    { args: ["show"], says: "say which session" },
    { args: ["show", "1234"], says: '"1234" is not a session id' },
    { args: ["end", "--yes"], says: "say what to end" },
    { args: ["end", "--yes", "--all", "--tenant", "old-oak"], says: "say what to end" },
    { args: ["end", "--yes", "--user", "u"], says: "--user needs --tenant" },
    { args: ["end", "--yes", "--tenant", "old-oak", "--tenant", "bodega"], says: "--tenant was given twice" },
  ])("says what it does not understand of $args, with exit code 2", async ({ args, says }) => {
    const env = { DATABASE_URL: database.url };
    const { code, stdout, stderr } = await callSessions(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n")[0]).toContain(says);
    expect(stderr).toContain(`Usage: npm run sessions -- ${args[0]}`);
  });

  it("says what is not there, with exit code 1", async () => {
    const env = { DATABASE_URL: database.url };
    const id = "5b1c2b5e-7d0c-4a53-9c38-0f6f4a3f0c11";
    for (const [args, says] of [
      [["list", "--tenant", "nowhere"], 'no winery "nowhere" has Libero installed'],
      [["end", "--tenant", "nowhere", "--yes"], 'no winery "nowhere" has Libero installed'],
      [["show", id], `there is no session ${id}, and no history of one`],
      [["end", id, "--yes"], `there is no session ${id}, and no history of one`],
    ] as const) {
      const { code, stdout, stderr } = await callSessions([...args], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^${says}[^\n]*\n$`));
    }
  });

  it("says what is wrong where the database is away, with exit code 1", async () => {
    const result = await npmRun("sessions", ["cleanup"], "postgres://nobody@127.0.0.1:9/none");
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the database does not answer"),
    });
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  it("R29: logs to standard error alone, warnings where the shell asks for no more, whatever .env says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-commands-"));
    await writeFile(join(folder, ".env"), "LOG_LEVEL=info\n");
    for (const part of ["node_modules", "supabase"]) await symlink(resolve(part), join(folder, part));
    for (const [shell, logged] of [
      [{}, /^$/],
      [{ LOG_LEVEL: "info" }, /^{"level":30,.*"msg":"database migrated"}\n$/],
    ] as const) {
      const fresh = await createTestDatabase("bare");
      const { stdout, stderr } = await runSessions(
        ["stats", "--json"],
        { DATABASE_URL: fresh.url, ...shell },
        folder,
      );
      await fresh.drop();
      expect(JSON.parse(stdout)).toMatchObject({ total: 0 });
      expect(stderr).toMatch(logged);
    }
  });

  it("goes quietly where its reader has seen enough", async () => {
    await database.sql.query(`
      insert into public.app_sessions (id, client_id, secret_hash, user_id, user_name, created_at, expires_at, last_activity_at)
      select gen_random_uuid(), c.id, sha256('x'), 'u', repeat('Jason ', 100), now(), now() + interval '1 hour', now()
      from public.clients c, generate_series(1, 500)
    `);
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, NODE_ENV: "test" as const };
    const command = "node --import tsx bin/sessions.ts list --limit 500 | head -n 1";
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], { env });
    expect(stdout).toMatch(/^SESSION .*\n$/);
    expect(stderr).toBe("");
  });

  it("says who holds the embedded database where the app runs, with exit code 1", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-commands-"));
    const unlock = await lockFolder(folder);
    const { code, stdout, stderr } = await runSessions(["stats"], { DATABASE_URL: `pglite://${folder}` });
    await unlock();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^the embedded database .* is in use by process ${process.pid} on host .*: stop .*\n$`),
    );
  });
});
