import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { supabaseDb } from "../support/supabase-cli";

/** A rule of Supabase's database linter, and something that breaks it. */
const SLIPS: Record<string, string> = {
  unindexed_foreign_keys:
    "create table public.child (id int primary key, client_id uuid references public.clients (id))",
  auth_users_exposed: "create view public.all_users as select * from auth.users",
  auth_rls_initplan: "create policy own on public.rows_of_users using (auth.uid() = user_id)",
  no_primary_key: "create table public.without_key (id int)",
  unused_index: "create index never_used on public.clients (contact_email)",
  multiple_permissive_policies: "create policy second on public.rows_of_users using (user_id is null)",
  policy_exists_rls_disabled: "create policy idle on public.unprotected using (true)",
  rls_enabled_no_policy:
    "create table public.forgotten (id int primary key); alter table public.forgotten enable row level security",
  duplicate_index:
    "create index twice_a on public.clients (default_theme); create index twice_b on public.clients (default_theme)",
  security_definer_view: "create view public.of_the_owner as select * from public.clients",
  function_search_path_mutable: "create function public.led_astray() returns int language sql as 'select 1'",
  rls_disabled_in_public: "create table public.open_to_all (id int primary key)",
  extension_in_public: "create extension pg_trgm schema public",
  rls_references_user_metadata:
    "create policy vain on public.rows_of_users using ((auth.jwt() -> 'user_metadata' ->> 'admin') = 'true')",
  materialized_view_in_api: "create materialized view public.kept as select 1 as a",
  foreign_table_in_api: `
    create extension postgres_fdw schema extensions; create server elsewhere foreign data wrapper postgres_fdw;
    create foreign table public.elsewhere (id int) server elsewhere`,
  unsupported_reg_types: "create table public.of_functions (id int primary key, called regprocedure)",
  fkey_to_auth_unique:
    "create table public.profiles (id int primary key, user_id uuid references auth.users (email_id))",
  extension_versions_outdated:
    "update pg_catalog.pg_extension set extversion = '1.5' where extname = 'pg_trgm'",
  sensitive_columns_exposed: "create table public.accounts (id int primary key, password text)",
  rls_policy_always_true: "create policy everybody on public.rows_of_users for update to anon using (true)",
};

/** What the slips stand on: a few things that every Supabase project has, and two tables. */
const PROJECT = `
  create schema auth; create schema extensions;
  create table auth.users (id uuid primary key, email_id uuid unique);
  create function auth.uid() returns uuid language sql as 'select null::uuid';
  create function auth.jwt() returns jsonb language sql as 'select null::jsonb';
  create table public.rows_of_users (id int primary key, user_id uuid);
  alter table public.rows_of_users enable row level security;
  create table public.unprotected (id int primary key);
`;

/** What its rules since then look for, which the CLI does not know yet: what browser-side roles reach. */
const REACHED_BY_BROWSERS = `
  select 'security_definer_function_executable' as name from pg_proc p, unnest(array['anon', 'authenticated']) role
  where p.pronamespace = 'public'::regnamespace and p.prosecdef and has_function_privilege(role, p.oid, 'execute')
  union
  select 'graphql_table_exposed' from pg_class c, unnest(array['anon', 'authenticated']) role
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and has_table_privilege(role, c.oid, 'select')
`;

/** About data and statements, not about a schema: a database on which nothing has run has used none of its indexes. */
const OF_USE = "unused_index";

type Finding = { name: string; detail: string };

async function findings({ url, sql }: TestDatabase): Promise<Finding[]> {
  const { stdout } = await supabaseDb(url, "advisors", "--level=info", "--fail-on=none");
  const { rows } = await sql.query(REACHED_BY_BROWSERS);
  return [...JSON.parse(stdout), ...rows];
}

describe("Supabase's database linter, as its CLI brings it", { timeout: 120_000 }, () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it("finds nothing in our schema", async () => {
    const found = await findings(database);
    expect(found.filter(({ name }) => name !== OF_USE)).toEqual([]);
  });

  it("finds each of the things that it looks for, where they are there", async () => {
    const { sql } = database;
    await sql.query(PROJECT);
    for (const slip of Object.values(SLIPS)) await sql.query(slip);
    await sql.query("create function public.owner() returns int security definer language sql as 'select 1'");
    const names = new Set((await findings(database)).map(({ name }) => name));
    const newer = ["security_definer_function_executable", "graphql_table_exposed"];
    expect([...names].sort()).toEqual([...Object.keys(SLIPS), ...newer].sort());
  });
});
