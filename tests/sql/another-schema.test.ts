import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { createSqlChannel } from "../../app/lib/session-stores/sql-channel";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import { sqlStores } from "../support/stores";
import { openWire } from "./world";

describe("C3: a second installation in a schema of its own", () => {
  let database: TestDatabase;
  let inPublic: Database;
  let inOther: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    inPublic = openWire(database.url);
    inOther = openWire(database.url, { schema: "user" });
  });
  afterAll(async () => {
    await inPublic.close();
    await inOther.close();
    await database.drop();
  });

  const names = async (sql: string) => (await database.sql.query(sql)).rows.map(({ name }) => name);
  const objectsOf = (schema: string) =>
    names(`
      select 'table ' || relname as name from pg_class
      where relnamespace = '"${schema}"'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'
      union all
      select 'function ' || proname || '(' || replace(pg_get_function_arguments(oid), '"${schema}".', '') || ')'
      from pg_proc where pronamespace = '"${schema}"'::regnamespace
      union all
      select 'trigger ' || tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = '"${schema}"'::regnamespace and not tgisinternal
      union all
      select 'index ' || indexname from pg_indexes
      where schemaname = '${schema}' and tablename <> 'schema_migrations'
      order by 1
    `);

  it("each has its own history of migrations, and the same objects", async () => {
    expect(await inPublic.pendingMigrations()).toEqual([]);
    const pending = await inOther.pendingMigrations();
    expect(pending).toContain("20261120000001_clients");
    const before = await objectsOf("public");

    await inOther.migrate();
    expect(await inOther.pendingMigrations()).toEqual([]);
    expect(await inPublic.pendingMigrations()).toEqual([]);
    const versions = (history: string) =>
      names(`select version || '_' || name as name from ${history} order by 1`);
    expect(await versions('"user".schema_migrations')).toEqual(pending);
    expect(await versions("supabase_migrations.schema_migrations")).toEqual(pending);

    expect(await objectsOf("user")).toEqual(before);
    expect(await objectsOf("public")).toEqual(before);
    await inOther.migrate();
    expect(await objectsOf("user")).toEqual(before);
  });

  it("nothing of the second one speaks of the first", async () => {
    const bodies = await names(`
      select proname as name from pg_proc
      where pronamespace = '"user"'::regnamespace and pg_get_functiondef(oid) ~ 'public[.]|''public''::regnamespace'
    `);
    expect(bodies).toEqual([]);
  });

  it("neither sees, ends or cleans up the other's sessions", async () => {
    const [here, there] = [sqlStores(inPublic), sqlStores(inOther)];
    const past = { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR };
    const begin = async ({ clients, sessions }: typeof here) => {
      const { id } = await clients.install(aClient("old-oak"));
      await sessions.create(aSession(id, past));
      return sessions.create(aSession(id));
    };
    const [mine, yours] = [await begin(here), await begin(there)];
    expect(await there.sessions.find(mine.id)).toBeUndefined();
    expect(await here.sessions.find(yours.id)).toBeUndefined();
    expect(await here.sessions.cleanup(10)).toBe(1);
    expect(await there.sessions.totals(NOW)).toMatchObject({ total: 2, active: 1, clients: 1 });

    expect(await here.clients.uninstall("old-oak")).toBe(1);
    expect((await there.sessions.find(yours.id))?.session).toMatchObject({
      id: yours.id,
      tenantId: "old-oak",
    });
    expect(await there.sessions.sweep(10, 90)).toMatchObject({ outcome: "swept", deleted: 1 });
    expect(await there.sessions.endings(NOW - HOUR)).toEqual({ expired: 1 });
    expect(await here.sessions.endings(NOW - HOUR)).toEqual({ expired: 1, uninstalled: 1 });
    const [status] = await inOther.call("app_session_database_status");
    expect(status).toMatchObject({ exposed: [], cleanup_is_scheduled: false });
  });

  it("E4: its changes are told too", async () => {
    const channel = createSqlChannel(inOther);
    const { clients, sessions } = sqlStores(inOther);
    const heard: unknown[] = [];
    channel?.subscribe((notice) => heard.push(notice));
    channel?.start();
    await expect.poll(() => channel?.epoch(), { timeout: 5_000 }).toBe(1);
    const { id } = await sessions.create(aSession((await clients.install(aClient("bodega"))).id));
    await sessions.end(id, "signed_out");
    await expect.poll(() => heard).toEqual([{ sessionIds: [id] }]);
    await channel?.stop();
  });
});
