import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { createSessionEngine } from "../../app/lib/sessions/engine";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";

const SECRETS = ["a secret of more than thirty-two characters, for tests"];

describe("the table app_sessions", () => {
  let database: TestDatabase;
  let db: ReturnType<typeof openPostgres>;
  let stores: Pick<StoresUnderTest, "clients" | "sessions">;
  let clientId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openPostgres({ url: database.url, migrationsFolder: "supabase/migrations", logger: silentLogger });
    stores = sqlStores(db);
  });
  beforeEach(async () => {
    await database.reset();
    clientId = (await stores.clients.install(aClient("old-oak"))).id;
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const manager = () => {
    const cookie = { name: "s", sameSite: "lax" as const };
    return createSessionEngine({ store: stores.sessions, logger: silentLogger, secrets: SECRETS, cookie })
      .sessions;
  };
  const expire = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        stores.sessions.create(aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR })),
      ),
    );

  it("A5: expires_at set in the past by hand ends the session at its next request", async () => {
    const user = { id: "u", name: "Jason", email: null, role: null };
    const { session, setCookie } = await manager().start({ clientId, user });
    expect(await manager().read(setCookie)).toBeDefined();
    await database.sql.query(
      "update public.app_sessions set expires_at = now() - interval '1 hour' where id = $1",
      [session.id],
    );
    expect(await manager().read(setCookie)).toBeUndefined();
  });

  it("A7: a client that is soft-deleted by hand has no sessions that answer", async () => {
    const { id } = await stores.sessions.create(aSession(clientId));
    await database.sql.query("update public.clients set uninstalled_at = now()");
    expect(await stores.sessions.find(id)).toBeUndefined();
  });

  it("a sign-in that ends no other session fires no trigger of ends, and one that does fires it once", async () => {
    const { sql } = database;
    const start = (id: string, replaces: string | null) =>
      sql.query(
        `select public.create_app_session(
           p_id => $1, p_client_id => $2, p_secret_hash => $3, p_user_id => 'u', p_user_name => 'Una', p_user_email => null,
           p_user_role => null, p_data => '{}', p_created_at => now(), p_expires_at => now() + interval '1 hour',
           p_replaces => $4)`,
        [id, clientId, "0".repeat(64), replaces],
      );
    const fired = async () => {
      await sql.query("select pg_stat_force_next_flush()");
      const { rows } = await sql.query(
        "select coalesce(sum(calls), 0)::integer as calls from pg_stat_user_functions where funcname = 'record_ended_app_sessions'",
      );
      return rows[0].calls;
    };
    const [first, second] = [randomUUID(), randomUUID()];
    await sql.query("set track_functions = 'all'");
    const before = await fired();
    await start(first, null);
    expect((await fired()) - before).toBe(0);
    await start(second, first);
    expect((await fired()) - before).toBe(1);
    await sql.query("reset track_functions");
  });

  it("A8: cleanup_expired_app_sessions() returns the count", async () => {
    await expire(3);
    const { rows } = await database.sql.query("select public.cleanup_expired_app_sessions() as deleted");
    expect(rows).toEqual([{ deleted: 3 }]);
  });

  it("A8: the clean-up passes over a row that somebody holds, and waits for nobody", async () => {
    const [held] = await expire(2);
    await database.sql.query("begin");
    await database.sql.query("select 1 from public.app_sessions where id = $1 for update", [held?.id]);
    expect(await stores.sessions.cleanup(100)).toBe(1);
    await database.sql.query("rollback");
    expect(await stores.sessions.cleanup(100)).toBe(1);
  });

  it("A9: one instance sweeps at a time", async () => {
    await expire(1);
    await database.sql.query("begin");
    await database.sql.query("select * from public.sweep_expired_app_sessions(0)");
    expect(await stores.sessions.sweep(100, 90)).toEqual({ outcome: "busy", deleted: 0, deletedEvents: 0 });
    await database.sql.query("commit");
    expect(await stores.sessions.sweep(100, 90)).toEqual({ outcome: "swept", deleted: 1, deletedEvents: 0 });
  });

  it.each([
    ["a hash that is no SHA-256", "secret_hash = '\\x00'"],
    ["a previous hash that is no SHA-256", "previous_secret_hash = '\\x00'"],
    ["data that is no object", "data = '[]'"],
    ["an origin that is unknown", "origin = 'mail'"],
  ])("refuses %s", async (_fault, change) => {
    await stores.sessions.create(aSession(clientId));
    await expect(database.sql.query(`update public.app_sessions set ${change}`)).rejects.toThrow(
      /check constraint/,
    );
  });
});
