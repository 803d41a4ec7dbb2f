import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnavailableError } from "../../app/lib/base/errors";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";

const MAX_CONNECTIONS = 3;

let database: TestDatabase;
let db: ReturnType<typeof openPostgres>;
beforeAll(async () => {
  database = await createTestDatabase();
  const { url } = database;
  db = openPostgres({
    url,
    migrationsFolder: "supabase/migrations",
    logger: silentLogger,
    maxConnections: MAX_CONNECTIONS,
  });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const answering = (columns: string, values: string) => `
  drop function if exists public.answer();
  create function public.answer() returns table (${columns}) language sql as $$ select ${values} $$;
`;

it("D6: a function that answers more since a newer instance migrated is prepared anew, on every connection", async () => {
  const callAll = () => Promise.all(Array.from({ length: 6 }, () => db.call("answer")));
  await database.sql.query(answering("a integer", "1"));
  expect(await callAll()).toEqual(Array(6).fill([{ a: 1 }]));
  await database.sql.query(answering("a integer, b integer", "1, 2"));
  expect(await callAll()).toEqual(Array(6).fill([{ a: 1, b: 2 }]));
  expect(await callAll()).toEqual(Array(6).fill([{ a: 1, b: 2 }]));
  await database.sql.query(answering("c text", "'x'"));
  expect(await callAll()).toEqual(Array(6).fill([{ c: "x" }]));
});

it("an error that no other plan mends is thrown, once", async () => {
  await database.sql.query(`
    create function public.refuse() returns void language plpgsql as $$
    begin raise feature_not_supported using message = 'never'; end $$;
  `);
  await expect(db.call("refuse")).rejects.toThrow("never");
});

describe("connections that are terminated while they answer", () => {
  /** The first so many calls end their own connection. */
  const breakFirst = (times: number) =>
    database.sql.query(`
      drop sequence if exists public.calls;
      create sequence public.calls;
      create or replace function public.frail() returns table (nth bigint) language plpgsql as $$
      begin
        nth := nextval('public.calls');
        if nth <= ${times} then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if;
        return next;
      end $$;
    `);
  const calls = async () =>
    Number((await database.sql.query("select last_value from public.calls")).rows[0].last_value);

  it.each([1, 2])("D6: what only reads is asked again, where %i break in a row", async (times) => {
    await breakFirst(times);
    expect(await db.call("frail", {}, { readOnly: true })).toEqual([{ nth: String(times + 1) }]);
  });

  it("D6: a read is answered by a new connection where every one of the pool is dead", async () => {
    await database.sql.query(`
      create function public.mark_dead() returns void language sql as $$
        select set_config('libero.dead', 'yes', false), pg_sleep(0.3);
      $$;
      create function public.answer_alive() returns table (alive boolean) language plpgsql as $$
      begin
        if current_setting('libero.dead', true) = 'yes' then
          perform pg_terminate_backend(pg_backend_pid()), pg_sleep(5);
        end if;
        return query select true;
      end $$;
    `);
    await Promise.all(Array.from({ length: MAX_CONNECTIONS }, () => db.call("mark_dead")));
    expect(await db.call("answer_alive", {}, { readOnly: true })).toEqual([{ alive: true }]);
  });

  it("D6: and given up where a third does", async () => {
    await breakFirst(3);
    await expect(db.call("frail", {}, { readOnly: true })).rejects.toThrow(UnavailableError);
    expect(await calls()).toBe(3);
  });

  it("D6: what may have been done is not done again", async () => {
    await breakFirst(1);
    await expect(db.call("frail")).rejects.toThrow(UnavailableError);
    expect(await calls()).toBe(1);
  });
});
