import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createBreaker } from "../../app/lib/base/breaker";
import type { Database } from "../../app/lib/db/database";
import { DatabaseLimiter } from "../../app/lib/rate-limits/database-limiter";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { openWire } from "./world";

describe("C5: the count of rate limits in SQL", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openWire(database.url);
  });
  afterEach(async () => void (await database.sql.query("truncate public.rate_limits")));
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const consume = async (key: string, points = 1, restart = false) => {
    const [row] = await db.call("consume_rate_limit", {
      p_key: key,
      p_points: points,
      p_window_ms: 60_000,
      p_restart: restart,
    });
    return row;
  };
  const find = (key: string) => db.call("find_rate_limit", { p_key: key });
  const keys = async (): Promise<string[]> => {
    const { rows } = await database.sql.query("select key from public.rate_limits order by 1");
    return rows.map(({ key }) => key);
  };
  const insertExpired = (count: number) =>
    database.sql.query(
      `insert into public.rate_limits select 'old-' || i, 1, now() - make_interval(secs => i)
       from generate_series(1, $1::integer) i`,
      [count],
    );

  it("50 at once are 50: no count is lost", async () => {
    const rows = await Promise.all(Array.from({ length: 50 }, () => consume("a")));
    expect(rows.map((row) => row?.points).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  it("the window begins with its first attempt, and further ones do not prolong it", async () => {
    await consume("a", 2);
    await database.sql.query("update public.rate_limits set expires_at = expires_at - interval '50 seconds'");
    const row = await consume("a");
    expect(row?.points).toBe(3);
    expect(row?.ms_before_next).toBeGreaterThan(5_000);
    expect(row?.ms_before_next).toBeLessThanOrEqual(10_000);
    expect(await find("a")).toEqual([{ points: 3, ms_before_next: expect.any(Number) }]);
  });

  it("a window that is over counts for nothing, and the next one begins from nothing", async () => {
    await consume("a", 7);
    await database.sql.query("update public.rate_limits set expires_at = now()");
    expect(await find("a")).toEqual([]);
    expect(await consume("a")).toMatchObject({ points: 1 });
    expect(await consume("a", 5, true)).toMatchObject({ points: 5 });
  });

  it("counts that are over go in bites, with the beginning of new windows, the oldest first", async () => {
    await insertExpired(25);
    await consume("a");
    expect(await keys()).toHaveLength(1 + 15);
    expect(await keys()).toContain("old-1");
    expect(await keys()).not.toContain("old-25");
    // Counting up takes nothing away: only who brings a row does.
    await consume("a");
    expect(await keys()).toHaveLength(1 + 15);
    await consume("b");
    await consume("c");
    expect(await keys()).toEqual(["a", "b", "c"]);
  });

  it("the clean-up waits for nobody, and takes no window that began anew", async () => {
    await insertExpired(3);
    const other = database.sql;
    await other.query("begin");
    await other.query("select from public.rate_limits where key = 'old-2' for update");
    await consume("a");
    await other.query("rollback");
    expect(await keys()).toEqual(["a", "old-2"]);
    expect(await consume("old-2")).toMatchObject({ points: 1 });
    expect(await keys()).toEqual(["a", "old-2"]);
  });

  it("windows that end and begin by the dozen, all at once, never wait for each other in a circle", async () => {
    let counting = true;
    const ending = async () => {
      while (counting) await database.sql.query("update public.rate_limits set expires_at = now()");
    };
    const ended = ending();
    const rounds = Array.from({ length: 2_000 }, (_, i) => consume(`key-${i % 17}`));
    const outcomes = await Promise.allSettled(rounds);
    counting = false;
    await ended;
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  });

  it("is written without a write-ahead log, and counting up touches no index", async () => {
    const { rows } = await database.sql.query(
      "select relpersistence as kept from pg_class where oid = 'public.rate_limits'::regclass",
    );
    expect(rows).toEqual([{ kept: "u" }]);
    const { sql } = database;
    // What earlier statements of this connection did counts as this transaction's until it is flushed.
    await sql.query("select pg_stat_force_next_flush()");
    await sql.query("begin");
    for (let i = 0; i < 21; i += 1) await sql.query("select from public.consume_rate_limit('a', 1, 60000)");
    const { rows: updates } = await sql.query(`
      select n_tup_upd::integer as all, n_tup_hot_upd::integer as heap_only
      from pg_stat_xact_user_tables where relname = 'rate_limits'
    `);
    await sql.query("commit");
    expect(updates).toEqual([{ all: 20, heap_only: 20 }]);
  });

  it("is all that rate-limiter-flexible asks of a store", async () => {
    const limiter = new DatabaseLimiter({
      db,
      breaker: createBreaker({
        name: "the database",
        meanwhile: "nobody counts",
        isOutage: () => true,
        failures: 1,
        retryAfterMs: 1_000,
        logger: silentLogger,
      }),
      keyPrefix: "test",
      points: 2,
      duration: 60,
    });
    expect(await limiter.get("a")).toBeNull();
    expect(await limiter.consume("a")).toMatchObject({
      consumedPoints: 1,
      remainingPoints: 1,
      isFirstInDuration: true,
    });
    expect(await limiter.penalty("a")).toMatchObject({ consumedPoints: 2, isFirstInDuration: false });
    await expect(limiter.consume("a")).rejects.toMatchObject({ consumedPoints: 3, remainingPoints: 0 });
    expect(await limiter.reward("a", 2)).toMatchObject({ consumedPoints: 1 });
    await limiter.block("a", 30);
    const blocked = await limiter.get("a");
    expect(blocked).toMatchObject({ consumedPoints: 3 });
    expect(blocked?.msBeforeNext).toBeLessThanOrEqual(30_000);
    expect(await limiter.delete("a")).toBe(true);
    expect(await limiter.delete("a")).toBe(false);
    expect(await limiter.get("a")).toBeNull();
  });
});
