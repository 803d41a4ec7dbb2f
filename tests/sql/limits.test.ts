import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openSupabase } from "../../app/lib/db/supabase";
import { createSqlSessionStore } from "../../app/lib/session-stores/sql";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { NOW } from "../support/examples";
import { hasPgbouncer, startPgbouncer } from "../support/pgbouncer";
import { hasPostgrest, startPostgrest } from "../support/postgrest";
import { silentLogger } from "../support/silent-logger";
import { openWire } from "./world";

/** A driver on a database, and what has to be closed with it. */
type Opened = { db: Database; close: () => Promise<void> };

/** Drivers that set the limit of each call on the server. Over PostgREST each function has one. */
const PER_CALL: [name: string, exists: boolean, open: (url: string) => Promise<Opened>][] = [
  [
    "node-postgres",
    true,
    async (url) => {
      const db = openWire(url);
      await db.migrate();
      return { db, close: () => db.close() };
    },
  ],
  [
    "node-postgres behind a PgBouncer (needs pgbouncer)",
    hasPgbouncer,
    async (url) => {
      const pooler = await startPgbouncer(url, { pool_mode: "transaction", default_pool_size: 5 });
      const db = openWire(pooler.through(url), { directUrl: url });
      await db.migrate();
      return {
        db,
        close: async () => {
          await db.close();
          await pooler.stop();
        },
      };
    },
  ],
];

const DRIVERS: typeof PER_CALL = [
  ...PER_CALL,
  [
    "supabase-js (needs PostgREST)",
    hasPostgrest,
    async (url) => {
      const postgrest = await startPostgrest(url);
      const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
      return { db, close: () => postgrest.stop() };
    },
  ],
];

describe.each(DRIVERS)("the server enforces time limits, over %s", (_, exists, open) => {
  const { opened, holder, waiting } = lockedDatabase(exists, open);

  it.skipIf(!exists)(
    "what a page waits for stops there when the page stops waiting, and is no outage",
    async () => {
      const db = guardDatabase(opened().db, silentLogger);
      const sessions = createSqlSessionStore(db);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 4 }, () => sessions.listOpen({}, NOW, 10)),
      );
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({
          status: "rejected",
          reason: { name: "UnavailableError", kind: "timeout" },
        });
      }
      expect(await waiting()).toEqual([]);
      expect(db.health().state).toBe("up");
      await holder().query("rollback");
      expect(await sessions.listOpen({}, NOW, 10)).toEqual([]);
    },
  );
});

describe.each(PER_CALL)("each call has a time limit of its own, over %s", (_, exists, open) => {
  const { opened, holder, waiting } = lockedDatabase(exists, open);

  it.skipIf(!exists)("and a longer one holds as long as it says", async () => {
    const { db } = opened();
    const slow = db.call("touch_app_sessions", { p_ids: [], p_times: [] }, { timeoutMs: 1_000 });
    await expect(slow).rejects.toMatchObject({ kind: "timeout" });
    const patient = db.call("touch_app_sessions", { p_ids: [], p_times: [] }, { timeoutMs: 4_000 });
    setTimeout(() => holder().query("rollback"), 1_500);
    expect(await patient).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });
});

/** For each test a database of its own, in which the sessions' table is locked. */
function lockedDatabase(exists: boolean, open: (url: string) => Promise<Opened>) {
  let database: TestDatabase;
  let opened: Opened;
  let holder: pg.Client;
  beforeEach(async () => {
    if (!exists) return;
    database = await createTestDatabase();
    opened = await open(database.url);
    holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query("begin; lock table public.app_sessions in access exclusive mode");
  });
  afterEach(async () => {
    if (!exists) return;
    await holder.end();
    await opened.close();
    await database.drop();
  });

  /** Statements that wait for the lock. */
  const waiting = async () => {
    const { rows } = await database.sql.query(
      `select query from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query ~ '(list_open|touch)_app_sessions'`,
    );
    return rows.map(({ query }) => query);
  };
  return { opened: () => opened, holder: () => holder, waiting };
}
