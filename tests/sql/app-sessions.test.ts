import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { createActivityRecorder } from "../../app/lib/sessions/activity";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { createSessionManager } from "../../app/lib/sessions/manager";
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
    const store = stores.sessions;
    return createSessionManager({
      store,
      cookie: createSessionCookie({ name: "s", secrets: SECRETS, attributes: { sameSite: "lax" } }),
      activity: createActivityRecorder({ store, logger: silentLogger }),
      clock: Date.now,
      maxAgeSeconds: 8 * 3600,
    });
  };
  const expire = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        stores.sessions.create(aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR })),
      ),
    );

  it("E1: a dump after many sign-ins holds no cookie and no secret of one", async () => {
    const user = { id: "u", name: "Jason", email: null, role: null };
    const starts = Array.from({ length: 50 }, () => manager().start({ clientId, user }));
    const cookies = (await Promise.all(starts)).map(
      ({ setCookie }) => setCookie.split(";")[0]?.slice("s=".length) ?? "",
    );

    const { rows } = await database.sql.query("select to_jsonb(s)::text as row from public.app_sessions s");
    const dump = rows.map(({ row }) => row).join("\n");
    expect(rows).toHaveLength(50);
    for (const cookie of cookies) {
      const [id = "", secret = "", mac = ""] = cookie.split(".");
      expect(secret).toHaveLength(43);
      expect(dump).toContain(id);
      for (const written of [
        secret,
        Buffer.from(secret, "base64url").toString("hex"),
        Buffer.from(secret).toString("hex"),
        mac,
      ]) {
        expect(dump).not.toContain(written);
      }
    }
  });

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
    expect(await stores.sessions.sweep(100)).toEqual({ outcome: "busy", deleted: 0 });
    await database.sql.query("commit");
    expect(await stores.sessions.sweep(100)).toEqual({ outcome: "swept", deleted: 1 });
  });

  it("keeps last_activity_at out of every index, and room in its pages, so that touches stay heap-only", async () => {
    const { rows } = await database.sql.query(`
      select indexdef from pg_indexes where tablename = 'app_sessions' and indexdef like '%last_activity_at%'
      union all select array_to_string(reloptions, ',') from pg_class where relname = 'app_sessions'
    `);
    expect(rows.map(({ indexdef }) => indexdef)).toEqual(["fillfactor=80"]);
  });

  it.each([
    ["a hash that is no SHA-256", "secret_hash = '\\x00'"],
    ["data that is no object", "data = '[]'"],
  ])("refuses %s", async (_fault, change) => {
    await stores.sessions.create(aSession(clientId));
    await expect(database.sql.query(`update public.app_sessions set ${change}`)).rejects.toThrow(
      /check constraint/,
    );
  });
});
