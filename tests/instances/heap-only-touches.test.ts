import { beforeAll, describe, expect, it, vi } from "vitest";
import { HOUR_MS } from "../../app/lib/base/durations";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { openWire, openWorld } from "../sql/world";

const SESSIONS = 3_000;
const BATCHES = 40;

/**
 * Runs with nothing beside it: a page is pruned for its next update once no transaction on the server, in whichever
 * database, is older than the update before.
 */
describe("anchor 7: touches cost next to nothing", () => {
  const world = openWorld();
  beforeAll(async () => {
    // An ANALYZE would be such a transaction.
    const tables = ["clients", "app_sessions", "app_session_events", "app_session_cutoffs", "http_sessions"];
    for (const table of tables) {
      await world.sql(`alter table public.${table} set (autovacuum_enabled = off)`);
    }
  });

  /** Updates of a table so far, once the statistics have as many as there should be. */
  const updates = async (atLeast: number, table = "app_sessions") => {
    const read = async () => {
      const [row] = await world.sql(
        `select n_tup_upd::integer as updates, n_tup_hot_upd::integer as heap_only
         from pg_stat_user_tables where relname = $1`,
        [table],
      );
      return row as { updates: number; heap_only: number };
    };
    await vi.waitFor(async () => expect((await read()).updates).toBeGreaterThanOrEqual(atLeast), 10_000);
    return read();
  };

  it.each([
    ["every session in every batch", 1],
    ["a tenth of them, at random, in each", 0.1],
  ])("they are heap-only updates: %s", async (_how, share) => {
    const ids = await world.insertSessions(SESSIONS);
    const before = await updates(0);
    const db = openWire(world.database.url);
    const startMs = Date.now();
    let touched = 0;
    for (let batch = 1; batch <= BATCHES; batch++) {
      const chosen = share === 1 ? ids : ids.filter(() => Math.random() < share);
      const p_times = chosen.map(() => new Date(startMs + batch * 1_000).toISOString());
      const [row] = await db.call("touch_app_sessions", { p_ids: chosen, p_times });
      touched += Number(row?.touch_app_sessions);
    }
    // A connection hands its statistics in when it closes.
    await db.close();
    expect(touched).toBeGreaterThan(SESSIONS * BATCHES * share * 0.9);

    const after = await updates(before.updates + touched);
    expect(after.updates - before.updates).toBe(touched);
    expect((after.heap_only - before.heap_only) / touched).toBeGreaterThanOrEqual(0.999);
  });

  it("last_activity_at is in no index, and half a page stays free", async () => {
    const rows = await world.sql(`
      select indexdef from pg_indexes where tablename = 'app_sessions' and indexdef like '%last_activity_at%'
      union all select option from pg_class, unnest(reloptions) option
      where relname = 'app_sessions' and option like 'fillfactor%'
    `);
    expect(rows.map(({ indexdef }) => indexdef)).toEqual(["fillfactor=50"]);
  });

  it("D3: rolling HTTP sessions are heap-only updates, but for one an hour", async () => {
    const db = openWire(world.database.url);
    const store = createSqlHttpSessionStore({ db });
    const hourMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS;
    const sids = Array.from({ length: 200 }, (_, n) => `session ${n}`);
    const data = {
      cookie: { originalMaxAge: 86_400_000 },
      preferences: { theme: "dark" },
      csrf: "x".repeat(100),
    };
    await Promise.all(sids.map((sid) => store.set(sid, { data, expiresAtMs: hourMs })));
    const before = await updates(0, "http_sessions");
    const TURNS = 20;
    for (let turn = 1; turn <= TURNS; turn += 1) {
      await Promise.all(sids.map((sid) => store.touch(sid, hourMs + turn * 60_000)));
    }
    const next = HOUR_MS + hourMs;
    await Promise.all(sids.map((sid) => store.touch(sid, next)));
    await db.close();
    const touched = sids.length * (TURNS + 1);
    const after = await updates(before.updates + touched, "http_sessions");
    expect(after.updates - before.updates).toBe(touched);
    // The last turn came into another hour.
    const heapOnly = after.heap_only - before.heap_only;
    expect(heapOnly).toBeLessThanOrEqual(sids.length * TURNS);
    expect(heapOnly / (sids.length * TURNS)).toBeGreaterThanOrEqual(0.99);
  });
});
