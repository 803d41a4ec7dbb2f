import { expect, it } from "vitest";
import { inSchema, SCHEMA_NAME } from "../../../app/lib/db/schema";

it("C3: for `public` the text stays as it was written", () => {
  const sql = "select 'public'::regnamespace from public.a -- public";
  expect(inSchema(sql, "public")).toBe(sql);
});

it.each([
  ["a table", "select from public.clients", 'select from "cellar".clients'],
  ["a name in a text", "array['public.clients']", `array['"cellar".clients']`],
  ["several", "public.a(public.b)", '"cellar".a("cellar".b)'],
  ["the schema itself", "= 'public'::regnamespace", `= '"cellar"'::regnamespace`],
  ["the role of everybody", "revoke all on table %s from public", "revoke all on table %s from public"],
  ["a longer word", "republic.a, publicly.b", "republic.a, publicly.b"],
  ["a job of pg_cron", "'cleanup-expired-app-sessions',", "'cleanup-expired-app-sessions-cellar',"],
])("C3: for another schema: %s", (_what, sql, other) => {
  expect(inSchema(sql, "cellar")).toBe(other);
});

it.each(["public", "cellar", "_cellar", "cellar_2", "a", "p".repeat(63)])("%s may be a schema", (name) => {
  expect(name).toMatch(SCHEMA_NAME);
});

it.each([
  "",
  "Cellar",
  "2cellar",
  "pg_cellar",
  "supabase_migrations",
  "wine cellar",
  "wine-cellar",
  "a.b",
  'a"b',
  "a;b",
  "é",
  "p".repeat(64),
])("%j may not", (name) => {
  expect(name).not.toMatch(SCHEMA_NAME);
});
