import { expect, it } from "vitest";
import { MANY_ROWS } from "../../app/lib/db/supabase";
import { openWorld } from "./world";

const world = openWorld();

/** What other functions call, and the app never. */
const INNER = ["list_newest_app_sessions"];

/** Functions by what they answer: rows, where `rows 1` promises that they are one at most, or a value. */
const functions = async () =>
  world.sql(
    `select p.proname as name, p.proretset and p.prorows > 1 as many,
      pg_get_function_identity_arguments(p.oid) as parameters, p.prorettype::regtype::text as type
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname <> all ($1) order by 1`,
    [INNER],
  );

it("PostgREST may cut off the rows of no function that the app calls: of many rows there is a twin of one value", async () => {
  const all = await functions();
  const many = all.filter((f) => f.many);
  expect(many.map(({ name }) => name)).toEqual([...MANY_ROWS]);
  const twins = all.filter(({ name }) => name.endsWith("_json"));
  expect(twins).toEqual(many.map((f) => ({ ...f, name: `${f.name}_json`, many: false, type: "json" })));
});

it("a function that answers rows and does not say that they are one at most is found", async () => {
  await world.sql("create function public.a_slip() returns table (a integer) language sql as 'select 1'");
  try {
    const many = (await functions()).filter((f) => f.many);
    expect(many.map(({ name }) => name)).toContain("a_slip");
  } finally {
    await world.sql("drop function public.a_slip()");
  }
});
