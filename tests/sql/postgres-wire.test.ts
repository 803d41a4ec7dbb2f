import { afterAll, beforeAll, expect, it } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";

let database: TestDatabase;
let db: ReturnType<typeof openPostgres>;
beforeAll(async () => {
  database = await createTestDatabase();
  const { url } = database;
  db = openPostgres({
    url,
    migrationsFolder: "supabase/migrations",
    logger: silentLogger,
    maxConnections: 3,
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
