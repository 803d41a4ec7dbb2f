import { rm } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import { hasPgCron, startPgCronServer } from "../support/pg-cron-server";
import { sqlStores } from "../support/stores";
import { landedMigrations, openWire, rollbackSql } from "./world";

describe.skipIf(!hasPgCron)("A8: pg_cron (needs Debian's postgresql-15-cron)", () => {
  let server: Awaited<ReturnType<typeof startPgCronServer>>;
  let db: Database;
  let sql: pg.Client;
  let landedJobs: unknown[];
  beforeAll(async () => {
    server = await startPgCronServer();
    const landed = await landedMigrations();
    const older = openWire(server.url, { migrationsFolder: landed });
    await older.migrate();
    await older.close();
    await rm(landed, { recursive: true });
    sql = new pg.Client({ connectionString: server.url });
    await sql.connect();
    landedJobs = await jobs();
    db = openWire(server.url);
    await db.migrate();
  });
  afterAll(async () => {
    await sql.end();
    await db.close();
    await server.stop();
  });

  const jobs = async () =>
    (await sql.query("select jobname, schedule, command, active from cron.job order by schedule")).rows;
  const expiredSession = async () => {
    const { clients, sessions } = sqlStores(db);
    const { id } = await clients.install(aClient("old-oak"));
    return sessions.create(aSession(id, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR }));
  };

  const count = async (table: string) =>
    Number((await sql.query(`select count(*) from public.${table}`)).rows[0]?.count);

  it("the jobs are there: daily from 02:00, and every hour, by pg_cron's clock, which is UTC", async () => {
    expect(await jobs()).toMatchObject([
      { jobname: "cleanup-expired-app-sessions", schedule: "0 2 * * *", active: true },
      { jobname: "cleanup-app-session-events", schedule: "10 2 * * *", active: true },
      { jobname: "cleanup-http-sessions", schedule: "20 * * * *", active: true },
    ]);
    // Versions before 1.5 know no other time zone and have no setting for it.
    const { rows } = await sql.query(
      "select coalesce(current_setting('cron.timezone', true), 'GMT') as timezone",
    );
    expect(rows).toEqual([{ timezone: "GMT" }]);
  });

  it("the job that the older version scheduled goes on as it was", async () => {
    expect(landedJobs).toHaveLength(1);
    expect(await jobs()).toEqual(expect.arrayContaining(landedJobs));
  });

  it("running the jobs' commands cleans", async () => {
    const { id } = await expiredSession();
    const [sessions, events, http] = await jobs();
    await sql.query(sessions?.command);
    expect(await sqlStores(db).sessions.find(id)).toBeUndefined();

    await sql.query(
      "update public.app_session_events set at = now() - interval '91 days' where event = 'started'",
    );
    const [before] = [await count("app_session_events")];
    await sql.query(events?.command);
    expect([before, await count("app_session_events")]).toEqual([2, 1]);

    const store = createSqlHttpSessionStore({ db });
    await store.set("a", { data: {}, expiresAtMs: NOW - 3 * HOUR });
    expect(await store.sweep(10)).toEqual({ outcome: "scheduled", deleted: 0 });
    await sql.query(http?.command);
    expect(await count("http_sessions")).toBe(0);
  });

  it("scheduling twice leaves the three jobs", async () => {
    await sql.query("select public.schedule_app_session_cleanup(), public.schedule_http_session_cleanup()");
    expect(await jobs()).toHaveLength(3);
  });

  it("C3: an installation in another schema has jobs of its own, and takes none away", async () => {
    const before = await jobs();
    const inCellar = openWire(server.url, { schema: "cellar" });
    await inCellar.migrate();
    const after = await jobs();
    expect(after).toEqual(expect.arrayContaining(before));
    const added = after.filter(({ jobname }) => before.every((job) => job.jobname !== jobname));
    expect(added.map(({ jobname }) => jobname)).toEqual([
      "cleanup-expired-app-sessions-cellar",
      "cleanup-app-session-events-cellar",
      "cleanup-http-sessions-cellar",
    ]);
    for (const { command } of added) expect(command).toMatch(/select sum\("cellar"\.cleanup_/);
    expect(await sqlStores(inCellar).sessions.sweep(10, 90)).toMatchObject({ outcome: "scheduled" });
    await inCellar.close();
    await sql.query("select cron.unschedule(jobname) from cron.job where jobname like '%-cellar'");
  });

  it("A9: the app leaves the clean-up to it", async () => {
    const { id } = await expiredSession();
    const { sessions } = sqlStores(db);
    expect(await sessions.sweep(100, 90)).toEqual({ outcome: "scheduled", deleted: 0, deletedEvents: 0 });
    expect(await sessions.find(id)).toBeDefined();
  });

  it("the way back takes the jobs along", async () => {
    const before = await jobs();
    await sql.query("select cron.schedule('somebody-elses', '0 3 * * *', 'select 1')");
    await sql.query(await rollbackSql());
    expect(before).toHaveLength(3);
    expect(await jobs()).toMatchObject([{ jobname: "somebody-elses" }]);
  });
});
