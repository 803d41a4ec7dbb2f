import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import { hasPgCron, startPgCronServer } from "../support/pg-cron-server";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";

describe.skipIf(!hasPgCron)("A8: pg_cron (needs Debian's postgresql-15-cron)", () => {
  let server: Awaited<ReturnType<typeof startPgCronServer>>;
  let db: ReturnType<typeof openPostgres>;
  let sql: pg.Client;
  beforeAll(async () => {
    server = await startPgCronServer();
    db = openPostgres({ url: server.url, migrationsFolder: "supabase/migrations", logger: silentLogger });
    await db.migrate();
    sql = new pg.Client({ connectionString: server.url });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await db.close();
    await server.stop();
  });

  const jobs = async () => (await sql.query("select jobname, schedule, command, active from cron.job")).rows;
  const expiredSession = async () => {
    const { clients, sessions } = sqlStores(db);
    const { id } = await clients.install(aClient("old-oak"));
    return sessions.create(aSession(id, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR }));
  };

  it("the job is there: daily at 02:00, by pg_cron's clock, which is UTC", async () => {
    expect(await jobs()).toMatchObject([
      { jobname: "cleanup-expired-app-sessions", schedule: "0 2 * * *", active: true },
    ]);
    // Versions before 1.5 know no other time zone and have no setting for it.
    const { rows } = await sql.query(
      "select coalesce(current_setting('cron.timezone', true), 'GMT') as timezone",
    );
    expect(rows).toEqual([{ timezone: "GMT" }]);
  });

  it("running the job's command cleans", async () => {
    const { id } = await expiredSession();
    const [job] = await jobs();
    await sql.query(job?.command);
    expect(await sqlStores(db).sessions.find(id)).toBeUndefined();
  });

  it("scheduling twice leaves one job", async () => {
    await sql.query("select public.schedule_app_session_cleanup()");
    expect(await jobs()).toHaveLength(1);
  });

  it("A9: the app leaves the clean-up to it", async () => {
    const { id } = await expiredSession();
    const { sessions } = sqlStores(db);
    expect(await sessions.sweep(100)).toEqual({ outcome: "scheduled", deleted: 0 });
    expect(await sessions.find(id)).toBeDefined();
  });
});
