import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** Whatever outlives a transaction is lost, or met by another client, behind a transaction pooler. */
const SESSION_STATE = {
  "an advisory lock of the session": /pg_(try_)?advisory_(lock|unlock)/i,
  "a setting of the session, by function": /set_config\([^)]*,\s*false\s*\)/i,
  // Names of settings are written in lower case; sentences that say "set it to …", or name a variable, are none.
  "a setting of the session": /(^|;|\$\$|\bbegin)\s*set\s+(session\s+)?(?!local\b|it\b)[a-z_]+\s*(=|to)\s/,
  "a temporary table": /create\s+(local\s+|global\s+)?temp(orary)?\s/i,
  "a cursor of the session": /\bwith\s+hold\b/i,
  "a statement prepared in SQL": /^\s*(prepare|deallocate|discard)\s/im,
};

describe.each(Object.entries(SESSION_STATE))("nothing depends on %s", (_what, pattern) => {
  it.each(["supabase/migrations", "app/lib"])("in %s", (folder) => {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(sql|ts)$/.test(name),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => pattern.test(readFileSync(join(folder, name), "utf8")))).toEqual([]);
  });
});

it.each([
  "select pg_advisory_lock(1)",
  "select pg_try_advisory_lock(1)",
  "select set_config('a.b', 'c', false)",
  "set search_path = public;",
  "set session statement_timeout to 5;",
  "create temp table a (b integer);",
  "declare c cursor with hold for select 1",
  "prepare a as select 1;",
])("%s would be found", (statement) => {
  expect(Object.values(SESSION_STATE).filter((pattern) => pattern.test(statement))).toHaveLength(1);
});

it.each([
  "select pg_advisory_xact_lock(1)",
  "perform set_config('libero.end_reason', p_reason, true);",
  "language sql\nset search_path = ''\nas $$",
  "set local search_path = public;",
  "update a\nset b = 1;",
])("%s lasts for a transaction or a call, and is none", (statement) => {
  expect(Object.values(SESSION_STATE).filter((pattern) => pattern.test(statement))).toEqual([]);
});
