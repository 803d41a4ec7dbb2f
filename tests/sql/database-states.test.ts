import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";

/** What the tests call: each provokes a state of a real server. */
const FUNCTIONS = `
  create table public.barrels (id integer primary key, liters integer not null);
  insert into public.barrels values (1, 0), (2, 0);
  create sequence public.calls;

  -- Reads what others write: of two at a time, one cannot be serialized. PostgREST begins transactions by itself, and asks
  -- the function for the level.
  create function public.add_liter() returns integer language sql
  set default_transaction_isolation = 'serializable' as $$
    update public.barrels set liters = (select sum(liters) from public.barrels) + 1 where id = 1 returning liters
  $$;

  -- Likewise, and long enough that all who begin together meet.
  create function public.add_liter_slowly() returns integer language sql
  set default_transaction_isolation = 'serializable' as $$
    select pg_sleep(0.3);
    select public.add_liter();
  $$;

  -- Two that begin at different ends wait for each other.
  create function public.fill_both(p_first integer, p_second integer) returns integer language plpgsql as $$
  begin
    update public.barrels set liters = liters + 1 where id = p_first;
    perform pg_sleep(0.3);
    update public.barrels set liters = liters + 1 where id = p_second;
    return p_first;
  end $$;

  create function public.fill_one() returns integer language sql as $$
    update public.barrels set liters = liters + 1 where id = 2 returning liters
  $$;

  create function public.slow() returns integer language plpgsql as $$
  begin
    perform nextval('public.calls');
    perform pg_sleep(10);
    return 1;
  end $$;

  create function public.end_own_connection() returns integer language plpgsql security definer as $$
  begin
    perform nextval('public.calls');
    perform pg_terminate_backend(pg_backend_pid());
    perform pg_sleep(5);
    return 1;
  end $$;

  create function public.disk_full() returns integer language plpgsql as $$
  begin raise disk_full using message = 'no space left'; end $$;

  grant all on all tables in schema public to service_role;
  grant all on all sequences in schema public to service_role;
`;

let database: TestDatabase;
let postgrest: Postgrest | undefined;
const bare: Record<string, Database> = {};
const opened: Record<string, ReturnType<typeof guardDatabase>> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  const { url, sql } = database;
  const name = new URL(url).pathname.slice(1);
  await sql.query(FUNCTIONS);
  await sql.query(`
    alter database ${name} set default_transaction_isolation = 'serializable';
    alter database ${name} set lock_timeout = '150ms';
    alter database ${name} set statement_timeout = '1500ms';
    alter database ${name} set deadlock_timeout = '50ms';
  `);
  const options = { url, migrationsFolder: "supabase/migrations", logger: silentLogger };
  bare.pg = openPostgres(options);
  if (hasPostgrest) {
    postgrest = await startPostgrest(url);
    bare.postgrest = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  }
  for (const [driver, db] of Object.entries(bare)) opened[driver] = guardDatabase(db, silentLogger);
});
afterAll(async () => {
  await Promise.all(Object.values(bare).map((db) => db.close()));
  await postgrest?.stop();
  await database.drop();
});

const liters = async (id: number) =>
  (await database.sql.query("select liters from public.barrels where id = $1", [id])).rows[0].liters;
const calls = async () =>
  Number((await database.sql.query("select nextval('public.calls') - 1 as calls")).rows[0].calls);
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));

const DRIVERS = { pg: true, postgrest: hasPostgrest };

for (const [driver, exists] of Object.entries(DRIVERS))
  describe.skipIf(!exists)(`over ${driver}`, () => {
    const db = () => opened[driver] as ReturnType<typeof guardDatabase>;
    /** The driver alone: what the server says, sorted and thrown. */
    const unguarded = () => bare[driver] as Database;

    it("40001: of transactions that cannot be serialized, every one is done in the end, once", async () => {
      const before = await liters(1);
      const outcomes = await times(8, () =>
        unguarded()
          .call("add_liter_slowly")
          .catch((error) => error),
      );
      const lost = outcomes.filter((outcome) => outcome instanceof Error);
      // PostgREST makes these again by itself.
      if (driver === "pg") expect(lost.length).toBeGreaterThan(0);
      for (const error of lost) expect(error).toMatchObject({ name: "UnavailableError", kind: "conflict" });

      await times(8, () => db().call("add_liter"));
      expect(await liters(1)).toBeGreaterThanOrEqual(before + 8);
    });

    it("40P01: both sides of a deadlock are done in the end", async () => {
      const [one, two] = [await liters(1), await liters(2)];
      await Promise.all([
        db().call("fill_both", { p_first: 1, p_second: 2 }),
        db().call("fill_both", { p_first: 2, p_second: 1 }),
      ]);
      expect([await liters(1), await liters(2)]).toEqual([one + 2, two + 2]);
    });

    it("55P03: a lock that is free a moment later is waited for", async () => {
      const before = await liters(2);
      await database.sql.query("begin; select from public.barrels where id = 2 for update");
      const filled = db().call("fill_one");
      await new Promise((resolve) => setTimeout(resolve, 400));
      await database.sql.query("commit");
      await filled;
      expect(await liters(2)).toBe(before + 1);
    });

    it("55P03: a lock that is not to be had is unavailable, and no outage", async () => {
      await database.sql.query("begin; select from public.barrels where id = 2 for update");
      const refusal = await db()
        .call("fill_one")
        .catch((error) => error);
      await database.sql.query("rollback");
      expect(refusal).toMatchObject({ name: "UnavailableError", kind: "conflict" });
      expect(db().health().state).toBe("up");
    });

    it("57014: what the server's own limit cancelled is unavailable, is not asked again, and is no outage", async () => {
      for (let time = 0; time < 5; time += 1) {
        const before = await calls();
        await expect(db().call("slow")).rejects.toMatchObject({ name: "UnavailableError", kind: "timeout" });
        expect(await calls()).toBe(before + 2);
      }
      expect(db().health().state).toBe("up");
    });

    it("57P01: a write whose connection was ended is unavailable, and is not done again", async () => {
      const before = await calls();
      await expect(db().call("end_own_connection")).rejects.toMatchObject({
        name: "UnavailableError",
        kind: "outage",
      });
      expect(await calls()).toBe(before + 2);
    });

    it("53100: a call that fails for want of room is unavailable; others go on, however often it fails", async () => {
      for (let time = 0; time < 5; time += 1) {
        await expect(db().call("disk_full")).rejects.toMatchObject({
          name: "UnavailableError",
          kind: "failed",
        });
      }
      expect(db().health().state).toBe("up");
      expect(await db().call("find_app_sessions", { p_ids: [randomUUID()] }, { readOnly: true })).toEqual([]);
    });
  });
