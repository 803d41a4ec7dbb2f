import { rm } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { openSupabase } from "../../app/lib/db/supabase";
import { hashSecret, newToken } from "../../app/lib/sessions/token";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { HOUR, NOW } from "../support/examples";
import { hasPostgrest, startPostgrest } from "../support/postgrest";
import { sqlStores } from "../support/stores";
import { landedMigrations, openWire, openWorld } from "./world";

const iso = (ms: number) => new Date(ms).toISOString();

/** The calls of the version before this one, argument for argument. */
function olderVersion(db: Database) {
  return {
    create(clientId: string, changes = {}) {
      const { id, secret } = newToken();
      return db.call("create_app_session", {
        p_id: id,
        p_client_id: clientId,
        p_secret_hash: hashSecret(secret).toString("hex"),
        p_user_id: "u",
        p_user_name: "Una",
        p_user_email: null,
        p_user_role: "Admin",
        p_data: { theme: "dark" },
        p_created_at: iso(NOW),
        p_expires_at: iso(NOW + 8 * HOUR),
        p_replaces: null,
        ...changes,
      });
    },
    find: (id: string) => db.call("find_app_session", { p_id: id }),
    touch: (id: string, atMs: number) => db.call("touch_app_sessions", { p_ids: [id], p_times: [iso(atMs)] }),
    saveData: (id: string, set: Record<string, string>, unset: string[]) =>
      db.call("save_app_session_data", { p_id: id, p_now: iso(NOW), p_set: set, p_unset: unset }),
    end: (id: string) => db.call("end_app_session", { p_id: id }),
    listOpen: (clientId: string) =>
      db.call("list_open_app_sessions", { p_client_id: clientId, p_now: iso(NOW), p_limit: 10 }),
    stats: (clientId: string) =>
      db.call("client_app_session_stats", { p_client_id: clientId, p_now: iso(NOW) }),
    cleanup: () => db.call("cleanup_expired_app_sessions", { p_batch: 10 }),
    sweep: () => db.call("sweep_expired_app_sessions", { p_batch: 10 }),
    install: () =>
      db.call("install_client", { p_tenant_id: "bodega", p_install_settings: {}, p_contact_email: null }),
    uninstall: () => db.call("uninstall_client", { p_tenant_id: "bodega" }),
    saveSettings: (clientId: string) =>
      db.call("save_client_settings", {
        p_client_id: clientId,
        p_contact_email: "a@b.example",
        p_default_theme: "dark",
        p_session_max_age_seconds: 900,
      }),
  };
}

describe("D6: the older version beside the newer one, on the newer one's tables", () => {
  const world = openWorld();
  let db: Database;
  let older: ReturnType<typeof olderVersion>;
  beforeAll(() => {
    db = openWire(world.database.url);
    older = olderVersion(db);
  });
  afterAll(() => db.close());

  const begin = async (changes = {}) => {
    const { id } = newToken();
    expect(await older.create(world.clientId, { p_id: id, ...changes })).toMatchObject([
      { tenant_id: "old-oak" },
    ]);
    return id;
  };

  it("what it starts the newer one reads: as long as it was meant to last, and never renewed", async () => {
    const id = await begin();
    expect((await world.sessions.find(id))?.session).toMatchObject({
      user: { id: "u", name: "Una", email: null, role: "Admin" },
      data: { theme: "dark" },
      origin: "open",
      device: null,
      revision: 0,
      expiresAtMs: NOW + 8 * HOUR,
      renewableUntilMs: NOW + 8 * HOUR,
      maxAgeSeconds: 8 * 3600,
      idleTimeoutSeconds: 0,
    });
    const seen = { id, lastActivityAtMs: NOW };
    expect(await world.sessions.renew(seen, NOW + 9 * HOUR, NOW)).toBe(NOW + 8 * HOUR);
  });

  it("it replaces, finds, touches, saves and ends, and what the newer one knows more of stays whole", async () => {
    const first = await begin();
    const id = await begin({ p_replaces: first });
    expect(await older.find(first)).toEqual([]);
    expect(await older.find(id)).toMatchObject([{ id, tenant_id: "old-oak", data: { theme: "dark" } }]);
    await older.touch(id, NOW + 1_000);
    expect(await older.saveData(id, { page: "1" }, ["theme"])).toMatchObject([{ data: { page: "1" } }]);
    const stored = await world.sessions.find(id);
    expect(stored?.session).toMatchObject({
      data: { page: "1" },
      revision: 1,
      lastActivityAtMs: NOW + 1_000,
    });
    expect(await older.end(id)).toEqual([{ end_app_session: 1 }]);
    expect(await older.end(id)).toEqual([{ end_app_session: 0 }]);
    expect(await older.saveData(id, { page: "2" }, [])).toEqual([]);
    const history = async (sessionId: string) =>
      (await world.sessions.events({ sessionId }, 9)).map(({ reason }) => reason);
    expect(await history(first)).toEqual(["replaced", null]);
    expect(await history(id)).toEqual(["signed_out", null]);
  });

  it("a key that it writes is a conflict for the newer one, as any other", async () => {
    const id = await begin();
    await older.saveData(id, { page: "1" }, []);
    const patch = { set: { page: "2" }, unset: [], overwrite: [], revision: 0, maxBytes: 1_000 };
    await expect(world.sessions.saveData({ id, lastActivityAtMs: NOW }, patch, NOW)).rejects.toThrow(/page/);
  });

  it("it lists and counts", async () => {
    const id = await begin();
    expect(await older.listOpen(world.clientId)).toMatchObject([{ id, user_id: "u", user_name: "Una" }]);
    expect(await older.stats(world.clientId)).toEqual([{ open_sessions: 1, signed_in_users: 1 }]);
  });

  it("it cleans up and sweeps", async () => {
    const past = { p_created_at: iso(NOW - 9 * HOUR), p_expires_at: iso(NOW - HOUR) };
    await begin(past);
    expect(await older.cleanup()).toEqual([{ cleanup_expired_app_sessions: 1 }]);
    await begin(past);
    expect(await older.sweep()).toMatchObject([{ outcome: "swept", deleted: 1 }]);
  });

  it("it installs, keeps settings, and uninstalls", async () => {
    const [client] = await older.install();
    expect(await older.saveSettings(client?.id)).toMatchObject([{ session_max_age_seconds: 900 }]);
    await older.create(client?.id);
    expect(await older.uninstall()).toEqual([{ uninstall_client: 1 }]);
    expect(await older.saveSettings(client?.id)).toEqual([]);
    expect(await older.create(client?.id)).toEqual([]);
  });
});

describe("D6: the newer version comes while the older one's tables are in use", () => {
  let database: TestDatabase;
  let landed: string;
  beforeAll(async () => {
    landed = await landedMigrations();
  });
  beforeEach(async () => {
    database = await createTestDatabase("bare");
    const db = openWire(database.url, { migrationsFolder: landed });
    await db.migrate();
    await db.close();
  });
  afterAll(() => rm(landed, { recursive: true }));

  it("sessions go on, on connections that were open before too", async () => {
    const open = openWire(database.url, { maxConnections: 1 });
    const older = olderVersion(open);
    const [client] = await older.install();
    const { id } = newToken();
    await older.create(client?.id, { p_id: id });
    await older.find(id);

    const newer = openWire(database.url);
    await newer.migrate();
    expect(await older.find(id)).toMatchObject([{ id }]);
    expect((await sqlStores(open).sessions.find(id))?.session).toMatchObject({ id, idleTimeoutSeconds: 0 });
    expect(await older.create(client?.id, { p_id: newToken().id })).toMatchObject([{ outcome: "started" }]);
    expect((await sqlStores(newer).sessions.events({ sessionId: id }, 1)).length).toBe(0);
    await open.close();
    await newer.close();
    await database.drop();
  });

  it.skipIf(!hasPostgrest)(
    "A8: over supabase-js, which cannot migrate, the start says what is missing and how to mend it",
    async () => {
      const postgrest = await startPostgrest(database.url);
      const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
      const starting = db.migrate();
      await expect(starting).rejects.toThrow(ConfigurationError);
      await expect(starting).rejects.toThrow(
        /lacks Libero's migrations.*npm run db:migrate.*supabase db push/,
      );
      await db.close();
      await postgrest.stop();

      const direct = openWire(database.url);
      await direct.migrate();
      await direct.close();
      const again = await startPostgrest(database.url);
      const migrated = openSupabase({ url: again.url, secretKey: again.key("service_role") });
      await expect(migrated.migrate()).resolves.toBeUndefined();
      await migrated.close();
      await again.stop();
      await database.drop();
    },
  );
});
