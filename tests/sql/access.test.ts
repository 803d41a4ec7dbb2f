import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import ws from "ws";
import { MANY_ROWS, openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession, NOW } from "../support/examples";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { sqlStores } from "../support/stores";

const TABLES = [
  ...["app_session_cutoffs", "app_session_events", "app_session_figures", "app_session_memories"],
  ...["app_sessions", "clients"],
  ...["http_sessions", "oauth_tokens", "rate_limits", "shopify_sessions", "sign_in_links", "staff_members"],
];

const FUNCTIONS = [
  ...["app_session_cleanup_is_scheduled", "app_session_database_status", "app_session_endings"],
  ...["app_session_memory_generation", "app_session_totals", "cleanup_app_session_events"],
  ...["app_session_was_ended", "begin_app_sign_in", "begin_client_uninstall", "change_client_settings"],
  ...["count_app_sessions", "end_app_session_batch", "refresh_app_session_figures", "start_app_session"],
  ...["list_newest_app_sessions"],
  ...["cleanup_expired_app_sessions", "client_app_session_stats", "create_app_session"],
  ...["end_all_app_sessions", "end_app_session", "end_app_sessions", "end_client_app_sessions"],
  ...["end_idle_app_session", "end_user_app_sessions", "find_app_session", "find_client"],
  ...["find_app_sessions"],
  ...[...MANY_ROWS].map((name) => `${name}_json`),
  ...["find_client_by_id", "forget_app_session_memories", "install_client", "list_app_session_events"],
  ...["list_open_app_sessions", "lock_app_session_user", "renew_app_session", "rotate_app_session"],
  ...["save_app_session_data", "save_client_settings", "schedule_app_session_cleanup"],
  ...["set_app_session_cutoffs", "sweep_expired_app_sessions", "touch_app_sessions", "uninstall_client"],
  ...["cleanup_http_sessions", "clear_http_sessions", "count_http_sessions", "end_http_session"],
  ...["find_http_session", "http_session_cleanup_is_scheduled", "list_http_sessions"],
  ...["merge_http_session", "schedule_http_session_cleanup", "set_http_session", "sweep_http_sessions"],
  ...["touch_http_session"],
  ...["consume_rate_limit", "delete_rate_limit", "find_rate_limit"],
  ...["begin_oauth_refresh", "complete_oauth_refresh", "count_oauth_token_keys", "fail_oauth_refresh"],
  ...["find_oauth_tokens", "forget_oauth_tokens", "keep_oauth_tokens", "list_oauth_tokens_of_other_keys"],
  ...["reseal_oauth_tokens"],
  ...["count_shopify_session_keys", "delete_shopify_sessions", "find_shopify_session"],
  ...["find_shopify_sessions_of_shop", "list_shopify_sessions_to_rekey", "rekey_shopify_session"],
  ...["store_shopify_session"],
  ...["consume_sign_in_link", "find_staff_members", "issue_sign_in_link", "remember_staff_member"],
].sort();
const SEQUENCES = ["app_session_events_id_seq", "app_session_order", "shopify_sessions_place_seq"];
const TRIGGERS = [
  ...["forget_app_session_memories_by_hand", "forget_oauth_tokens_of_client", "notify_app_session_change"],
  ...["notify_http_session_change", "notify_truncated_app_sessions", "notify_truncated_http_sessions"],
  ...["record_ended_app_sessions"],
];

describe("A8: who may reach the data", () => {
  let database: TestDatabase;
  let postgrest: Postgrest;
  let functions: { name: string; signature: string; args: string[]; trigger: boolean }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    if (hasPostgrest) postgrest = await startPostgrest(database.url);
    await database.sql.query("select public.install_client('old-oak', '{}', null)");
    const { rows } = await database.sql.query(`
      select proname as name, oid::regprocedure::text as signature, coalesce(proargnames[1:pronargs], '{}') as args,
        prorettype = 'trigger'::regtype as trigger
      from pg_proc where pronamespace = 'public'::regnamespace order by 1
    `);
    functions = rows;
  });
  afterAll(async () => {
    await postgrest?.stop();
    await database.drop();
  });

  const privileges = async (role: string, privilege: string) => {
    const { rows } = await database.sql.query(
      `select oid::regprocedure::text as name from pg_proc
       where pronamespace = 'public'::regnamespace and has_function_privilege($1, oid, $2) order by 1`,
      [role, privilege],
    );
    return rows.map(({ name }) => name);
  };

  const namesOf = (trigger: boolean) =>
    functions.filter((f) => f.trigger === trigger).map(({ name }) => name);

  it("covers every function of ours, once", () => {
    expect(namesOf(false)).toEqual(FUNCTIONS);
    expect(namesOf(true)).toEqual(TRIGGERS);
  });

  describe.each(["anon", "authenticated"])("as %s", (role) => {
    it("no function may be executed", async () => {
      expect(await privileges(role, "execute")).toEqual([]);
    });

    it("no table may be read or written", async () => {
      for (const table of TABLES) {
        await database.sql.query(`set role ${role}`);
        await expect(database.sql.query(`select * from public.${table}`)).rejects.toThrow(
          /permission denied/,
        );
        await expect(database.sql.query(`delete from public.${table}`)).rejects.toThrow(/permission denied/);
        await database.sql.query("reset role");
      }
    });

    it("no sequence may be read or advanced", async () => {
      for (const sequence of SEQUENCES) {
        await database.sql.query(`set role ${role}`);
        const statements = [
          `select last_value from public.${sequence}`,
          `select nextval('public.${sequence}')`,
          `select setval('public.${sequence}', 1)`,
        ];
        for (const statement of statements) {
          await expect(database.sql.query(statement)).rejects.toThrow(/permission denied/);
        }
        await database.sql.query("reset role");
      }
    });

    it.skipIf(!hasPostgrest)("PostgREST answers neither a table nor a function", async () => {
      const client = createClient(postgrest.url, postgrest.key(role), {
        realtime: { transport: ws as never },
      });
      for (const table of TABLES) {
        const { data, error } = await client.from(table).select();
        expect({ data, code: error?.code }).toEqual({ data: null, code: "42501" });
      }
      // PostgREST knows no trigger functions.
      for (const { name, args } of functions.filter(({ trigger }) => !trigger)) {
        const { data, error } = await client.rpc(name, Object.fromEntries(args.map((arg) => [arg, null])));
        expect({ name, data, code: error?.code }).toEqual({ name, data: null, code: "42501" });
      }
    });
  });

  it("the service role calls every function but those that make an extension, and no trigger's", async () => {
    const expected = functions
      .filter(({ name, trigger }) => !/^schedule_/.test(name) && !trigger)
      .map(({ signature }) => signature);
    expect(await privileges("service_role", "execute")).toEqual(expected);
  });

  it.skipIf(!hasPostgrest)("as the service role PostgREST answers", async () => {
    const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
    expect(await db.call("find_client", { p_tenant_id: "old-oak" })).toHaveLength(1);
    await db.close();
  });

  it.skipIf(!hasPostgrest)(
    "as the service role a session begins, leaves its events and ends, by functions and by hand",
    async () => {
      const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
      const { clients, sessions } = sqlStores(db);
      const { id: clientId } = await clients.install(aClient("bodega"));
      const [first, second] = [aSession(clientId), aSession(clientId)];
      for (const session of [first, second]) await sessions.create(session);
      const rotation = { from: first.secretHash, to: second.secretHash, graceUntilMs: NOW };
      expect(await sessions.rotate({ id: first.id, lastActivityAtMs: NOW }, rotation, NOW)).toBe(true);
      expect(await sessions.endAll({ clientId, userId: first.user.id }, "revoked")).toBe(1);
      const client = createClient(postgrest.url, postgrest.key("service_role"), {
        realtime: { transport: ws as never },
      });
      expect((await client.from("app_sessions").delete().eq("id", second.id)).error).toBeNull();
      const history = (await sessions.events({ clientId }, 9)).map(({ event, reason }) => reason ?? event);
      expect(history.reverse()).toEqual(["started", "started", "rotated", "revoked", "deleted"]);
      expect(await db.call("app_session_database_status")).toMatchObject([{ exposed: [] }]);
      await db.close();
    },
  );

  it("the check of the set-up names what browser-side roles can reach", async () => {
    const exposed = async () =>
      (await database.sql.query("select exposed from public.app_session_database_status()")).rows[0]?.exposed;
    expect(await exposed()).toEqual([]);
    await database.sql.query("grant select on public.app_session_events to anon");
    await database.sql.query("grant execute on function public.uninstall_client(text) to authenticated");
    expect(await exposed()).toEqual([
      "authenticated may call uninstall_client",
      "anon may use app_session_events",
    ]);
    await database.sql.query("revoke select on public.app_session_events from anon");
    await database.sql.query("grant usage on sequence public.app_session_order to anon");
    await database.sql.query("grant update (user_role) on public.app_sessions to anon");
    await database.sql.query("grant references on public.clients to authenticated");
    expect((await exposed()).slice(1)).toEqual([
      "anon may use app_sessions",
      "authenticated may use clients",
      "anon may use app_session_order",
    ]);
    await database.sql.query("revoke all on sequence public.app_session_order from anon");
    await database.sql.query("revoke update (user_role) on public.app_sessions from anon");
    await database.sql.query("revoke references on public.clients from authenticated");
    await database.sql.query("grant insert on public.clients to public");
    expect(await exposed()).toEqual([
      "authenticated may call uninstall_client",
      ...["public", "anon", "authenticated"].map((role) => `${role} may use clients`),
    ]);
    await database.sql.query("revoke insert on public.clients from public");
    await database.sql.query("revoke execute on function public.uninstall_client(text) from authenticated");
  });

  it("the check of the set-up knows every table, sequence and function of ours", async () => {
    const { sql } = database;
    await sql.query("begin");
    await sql.query("grant select on all tables in schema public to anon");
    await sql.query("grant execute on all functions in schema public to anon");
    await sql.query("grant usage on all sequences in schema public to anon");
    const { rows } = await sql.query("select exposed from public.app_session_database_status()");
    await sql.query("rollback");
    const expected = [
      ...functions.map(({ name }) => `anon may call ${name}`),
      ...[...TABLES, ...SEQUENCES].map((name) => `anon may use ${name}`),
    ];
    expect(rows[0]?.exposed.sort()).toEqual(expected.sort());
  });

  it("the check of the set-up names nothing of another program, however like ours its name is", async () => {
    const { sql } = database;
    await sql.query(`
      begin;
      create table public.oauth_clients (id int);
      create table public.app_session_reports (id int);
      create function public.report_client_totals() returns int language sql as 'select 1';
      create function public.oauth_callback(text) returns int language sql as 'select 1';
      create function public.find_client(int) returns int language sql as 'select 1';
      grant select on public.oauth_clients, public.app_session_reports to anon;
      grant execute on function public.report_client_totals(), public.oauth_callback(text), public.find_client(int) to anon;
    `);
    const { rows } = await sql.query("select exposed from public.app_session_database_status()");
    await sql.query("rollback");
    expect(rows).toEqual([{ exposed: [] }]);
  });

  it("the check of the set-up counts the wineries that have installed the app", async () => {
    const { sql } = database;
    const installed = async () => {
      const { rows } = await sql.query(
        "select installed_clients::int from public.app_session_database_status()",
      );
      return rows[0].installed_clients;
    };
    await sql.query("begin");
    const before = await installed();
    await sql.query(
      "select public.install_client(t, '{}', null) from (values ('domaine'), ('chateau')) w (t)",
    );
    expect(await installed()).toBe(before + 2);
    await sql.query("select public.uninstall_client('domaine')");
    expect(await installed()).toBe(before + 1);
    await sql.query("rollback");
  });

  it("the check of the set-up tells a role from which row-level security hides every row", async () => {
    const hidden = async () =>
      (await database.sql.query("select rows_are_hidden as hidden from public.app_session_database_status()"))
        .rows[0]?.hidden;
    expect(await hidden()).toBe(false);
    await database.sql.query("create role blind; grant service_role to blind; set role blind");
    expect(await hidden()).toBe(true);
    await database.sql.query("reset role; drop role blind");
  });

  it("row-level security is on for every table, with one policy, which lets nobody in", async () => {
    const { rows } = await database.sql.query(`
      select relname as name, relrowsecurity as secured,
        array(select pg_get_expr(polqual, polrelid) from pg_policy where polrelid = c.oid) as policies
      from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1
    `);
    expect(rows).toEqual([...TABLES].sort().map((name) => ({ name, secured: true, policies: ["false"] })));
  });

  it("no function can be led astray by a search path", async () => {
    const { rows } = await database.sql.query(`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace and not coalesce(proconfig, '{}') @> array['search_path=""']
    `);
    expect(rows).toEqual([]);
  });
});
