import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
    expect(cleaned).toMatchObject({ code: 0, stdout: "1500 expired sessions deleted.\n" });
    const { rows } = await database.sql.query("select count(*)::int as left from public.app_sessions");
    expect(rows).toEqual([{ left: 3 }]);
  });

  it("says how it is used where a command is unknown, with exit code 2", async () => {
    for (const args of [[], ["destroy"], ["cleanup", "twice"]]) {
      expect(await npmRun("sessions", args, database.url)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Usage"),
      });
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
});
