import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyOf } from "../../app/lib/http-sessions/key";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import type { HttpSession, HttpSessionStore } from "../../app/lib/http-sessions/store";
import { HOUR, NOW } from "../support/examples";
import { openWire, openWorld } from "./world";

const END = NOW + 24 * HOUR;

describe("http_sessions", () => {
  const world = openWorld();
  let store: HttpSessionStore;
  let sid: string;
  beforeEach(() => {
    store = createSqlHttpSessionStore({ db: world.db });
    sid = randomUUID();
  });
  afterEach(async () => void (await world.sql("truncate public.http_sessions")));

  const begin = (data: HttpSession["data"] = { a: 1 }, expiresAtMs = END) =>
    store.set(sid, { data, expiresAtMs });
  const rows = () => world.sql("select * from public.http_sessions");
  const insert = (count: number, expires: string) =>
    world.sql(
      `insert into public.http_sessions (key, data, expires_at)
       select sha256(gen_random_uuid()::text::bytea), '{"a": 1}', ${expires} from generate_series(1, ${count}) i`,
    );

  describe("D7: clean-up", () => {
    it("takes what was over for an hour and more, by the database's clock, at most so many, the oldest first", async () => {
      await insert(5, "now() - interval '3 hours' - i * interval '1 hour'");
      await insert(1, "now() - interval '59 minutes'");
      await insert(1, "now() + interval '1 minute'");
      expect(await store.cleanup(2)).toBe(2);
      const [oldest] = await world.sql("select now() - min(expires_at) as age from public.http_sessions");
      expect(oldest?.age.hours).toBe(6);
      expect([await store.cleanup(100), await store.cleanup(100)]).toEqual([3, 0]);
      expect(await rows()).toHaveLength(2);
    });

    it("waits for nobody: what somebody holds it leaves for the next time", async () => {
      await insert(3, "now() - interval '3 hours'");
      const [held] = await rows();
      const other = new pg.Client({ connectionString: world.database.url });
      await other.connect();
      await other.query("begin");
      await other.query("select from public.http_sessions where key = $1 for update", [held?.key]);
      expect(await store.cleanup(100)).toBe(2);
      await other.query("rollback");
      await other.end();
      expect(await store.cleanup(100)).toBe(1);
    });

    it("E3: an ended session's row stays, empty, while a browser may hold its cookie, and a day at least", async () => {
      await begin({ secret: 1 }, NOW + 30 * 24 * HOUR);
      const short = randomUUID();
      await store.set(short, { data: {}, expiresAtMs: NOW + 1_000 });
      await store.destroy(sid);
      await store.destroy(short);
      const kept = (await rows()).map(({ data, expires_at }) => [
        data,
        Math.round((expires_at - NOW) / HOUR),
      ]);
      expect(kept.sort((a, b) => a[1] - b[1])).toEqual([
        [{}, 24],
        [{}, 30 * 24],
      ]);
      await world.sql("update public.http_sessions set expires_at = now() - interval '3 hours'");
      expect(await store.cleanup(100)).toBe(2);
    });

    it("E3: of all that are cleared, too, however many pages that takes", async () => {
      await insert(1_500, "now() + interval '1 hour'");
      const keys = new Set<string>();
      for await (const { key } of store.all()) keys.add(key);
      expect(keys.size).toBe(1_500);
      await store.clear();
      const [left] = await world.sql(
        `select count(*)::integer as count, count(*) filter (where data::text = '{}' and ended_at is not null
           and expires_at > now() + interval '23 hours')::integer as ended from public.http_sessions`,
      );
      expect(left).toEqual({ count: 1_500, ended: 1_500 });
      expect(await store.length()).toBe(0);
    });

    it("looks for what is over in an index", async () => {
      await insert(2_000, "now() + interval '1 hour' * i");
      await world.sql("analyze public.http_sessions");
      const plan = await world.sql(
        "explain select from public.http_sessions where expires_hour < now() - interval '1 hour' order by expires_hour limit 10",
      );
      expect(JSON.stringify(plan)).toContain("http_sessions_expires_hour_idx");
    });

    it("one instance at a time", async () => {
      await insert(1, "now() - interval '3 hours'");
      const other = new pg.Client({ connectionString: world.database.url });
      await other.connect();
      await other.query("begin");
      await other.query("select public.sweep_http_sessions()");
      expect(await store.sweep(10)).toEqual({ outcome: "busy", deleted: 0 });
      await other.query("rollback");
      await other.end();
      expect(await store.sweep(10)).toEqual({ outcome: "swept", deleted: 1 });
    });
  });

  describe("E3, E4: what every instance is told", () => {
    /** What is notified while something happens. */
    const noticesOf = async (happen: () => Promise<unknown>) => {
      const heard: string[] = [];
      const listener = new pg.Client({ connectionString: world.database.url });
      await listener.connect();
      listener.on("notification", ({ payload = "" }) => heard.push(payload));
      await listener.query("listen libero_app_sessions");
      await happen();
      await world.sql("select pg_notify('libero_app_sessions', 'done')");
      await vi.waitFor(() => expect(heard.at(-1)).toBe("done"), { timeout: 5_000, interval: 5 });
      await listener.end();
      return heard.slice(0, -1);
    };
    const generation = async () =>
      Number((await world.sql("select public.app_session_memory_generation() as g"))[0]?.g);
    /** What is told, and whether everything that nobody can hear of has to be forgotten. */
    const toldOf = async (happen: () => Promise<unknown>) => {
      const before = await generation();
      return [await noticesOf(happen), (await generation()) > before];
    };

    it("a new session and a touch tell nobody", async () => {
      expect(await toldOf(() => begin())).toEqual([[], false]);
      expect(await toldOf(() => store.touch(sid, END + 5 * HOUR))).toEqual([[], false]);
    });

    it("a save, an end and a clear do", async () => {
      await begin();
      const base = (await store.get(sid)) as HttpSession;
      const named = [[`http ${keyOf(sid)}`], false];
      expect(await toldOf(() => store.set(sid, { ...base, data: { b: 1 } }))).toEqual(named);
      expect(await toldOf(() => store.set(sid, { ...base, data: { c: 1 }, base }))).toEqual(named);
      expect(await toldOf(() => store.set(sid, { ...base, expiresAtMs: END - 1, base }))).toEqual(named);
      expect(await toldOf(() => store.destroy(sid))).toEqual(named);
      await insert(3, "now() + interval '1 hour'");
      expect(await toldOf(() => store.clear())).toEqual([["http all"], false]);
    });

    it("a save that changes nothing is a touch", async () => {
      await begin();
      const base = (await store.get(sid)) as HttpSession;
      expect(await toldOf(() => store.set(sid, { ...base, expiresAtMs: END + 1, base }))).toEqual([
        [],
        false,
      ]);
    });

    it.each([
      ["ended", "update public.http_sessions set ended_at = now(), data = '{}'"],
      ["shortened", "update public.http_sessions set expires_at = now()"],
      ["changed", `update public.http_sessions set data = '{"b": 1}'`],
      ["deleted", "delete from public.http_sessions"],
    ])("by hand, too: %s", async (_how, sql) => {
      await begin();
      expect(await toldOf(() => world.sql(sql))).toEqual([[`http ${keyOf(sid)}`], true]);
    });

    it("by hand, too: the table emptied", async () => {
      expect(await toldOf(() => world.sql("truncate public.http_sessions"))).toEqual([["http all"], true]);
    });

    it("the clean-up tells nobody", async () => {
      await insert(3, "now() - interval '3 hours'");
      expect(await toldOf(() => store.cleanup(100))).toEqual([[], false]);
    });
  });

  it("C3: works in a schema of another name", async () => {
    const db = openWire(world.database.url, { schema: "cellar" });
    await db.migrate();
    const inCellar = createSqlHttpSessionStore({ db });
    await inCellar.set(sid, { data: { a: 1 }, expiresAtMs: END });
    const base = (await inCellar.get(sid)) as HttpSession;
    await inCellar.set(sid, { ...base, data: { a: 1, b: 2 }, base });
    expect((await inCellar.get(sid))?.data).toEqual({ a: 1, b: 2 });
    expect([await inCellar.length(), await store.length()]).toEqual([1, 0]);
    await inCellar.clear();
    expect(await inCellar.sweep(10)).toEqual({ outcome: "swept", deleted: 0 });
    await db.close();
  });
});
