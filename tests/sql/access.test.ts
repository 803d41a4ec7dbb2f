import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import ws from "ws";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { type Postgrest, startPostgrest } from "../support/postgrest";

const TABLES = ["clients", "app_sessions"];

describe("A8: who may reach the data", () => {
  let database: TestDatabase;
  let postgrest: Postgrest;
  let functions: { name: string; signature: string; args: string[] }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    postgrest = await startPostgrest(database.url);
    await database.sql.query("select public.install_client('old-oak', '{}', null)");
    const { rows } = await database.sql.query(`
      select proname as name, oid::regprocedure::text as signature, coalesce(proargnames[1:pronargs], '{}') as args
      from pg_proc where pronamespace = 'public'::regnamespace order by 1
    `);
    functions = rows;
  });
  afterAll(async () => {
    await postgrest.stop();
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

  it("covers every function of ours", () => {
    expect(functions.length).toBe(16);
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

    it("PostgREST answers neither a table nor a function", async () => {
      const client = createClient(postgrest.url, postgrest.key(role), {
        realtime: { transport: ws as never },
      });
      for (const table of TABLES) {
        const { data, error } = await client.from(table).select();
        expect({ data, code: error?.code }).toEqual({ data: null, code: "42501" });
      }
      for (const { name, args } of functions) {
        const { data, error } = await client.rpc(name, Object.fromEntries(args.map((arg) => [arg, null])));
        expect({ name, data, code: error?.code }).toEqual({ name, data: null, code: "42501" });
      }
    });
  });

  it("the service role calls every function but the one that makes an extension", async () => {
    const expected = functions.map(({ signature }) => signature).filter((s) => !s.startsWith("schedule_"));
    expect(await privileges("service_role", "execute")).toEqual(expected);
    const db = openSupabase({ url: postgrest.url, serviceRoleKey: postgrest.key("service_role") });
    expect(await db.call("find_client", { p_tenant_id: "old-oak" })).toHaveLength(1);
    await db.close();
  });

  it("row-level security is on for every table, without a policy that lets anybody in", async () => {
    const { rows } = await database.sql.query(`
      select relname as name, relrowsecurity as secured,
        (select count(*)::int from pg_policy where polrelid = c.oid) as policies
      from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1
    `);
    expect(rows).toEqual([...TABLES].sort().map((name) => ({ name, secured: true, policies: 0 })));
  });

  it("no function can be led astray by a search path", async () => {
    const { rows } = await database.sql.query(`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace and not coalesce(proconfig, '{}') @> array['search_path=""']
    `);
    expect(rows).toEqual([]);
  });
});
