import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { keyOf } from "../../app/lib/http-sessions/key";
import type { HttpSession } from "../../app/lib/http-sessions/store";
import { createRedisHttpSessions } from "../../app/lib/session-stores/redis-http-tier";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { foundIn, writings } from "../support/dump";
import { HOUR, NOW } from "../support/examples";
import { redisBefore } from "../support/http-stores";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { hasRedis, type RedisServer, startRedis } from "../support/redis-server";
import { silentLogger } from "../support/silent-logger";
import { startGate } from "../support/tcp-gate";
import { aChannel, held } from "../unit/sessions/support";

type Instance = Awaited<ReturnType<typeof redisBefore>>;

const END = NOW + 24 * HOUR;

describe.skipIf(!hasRedis)("HTTP sessions with Redis before PostgreSQL (needs redis-server)", () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let gate: Awaited<ReturnType<typeof startGate>>;
  const prefix = randomUUID();
  let [here, there, byGate] = [] as unknown as [Instance, Instance, Instance];
  let sid: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await startRedis();
    gate = await startGate({ host: "127.0.0.1", port: redis.port });
    const open = (port: number) => {
      const db = openPostgres({
        url: database.url,
        migrationsFolder: "supabase/migrations",
        logger: silentLogger,
      });
      return redisBefore(db, { url: `redis://127.0.0.1:${port}`, prefix, timeoutMs: 100 });
    };
    [here, there, byGate] = await Promise.all([open(redis.port), open(redis.port), open(gate.port)]);
  });
  beforeEach(async () => {
    sid = randomUUID();
    await here.store.set(sid, { data: { a: 1 }, expiresAtMs: END });
    for (const instance of [here, there, byGate]) await warm(instance);
  });
  afterEach(() => void vi.restoreAllMocks());
  afterAll(async () => {
    await Promise.all([here, there, byGate].map((instance) => instance.close()));
    await gate.stop();
    await redis.stop();
    await database.drop();
  });

  /** Whether the instance reads the session without asking the truth. */
  const reads = async (instance: Instance, id = sid) => {
    const before = instance.asked.length;
    const found = await instance.store.get(id);
    return found !== undefined && instance.asked.length === before;
  };
  /** Reads until Redis answers. */
  const warm = (instance: Instance) =>
    vi.waitFor(async () => expect(await reads(instance)).toBe(true), { timeout: 10_000, interval: 20 });
  const by = (text: string) => database.sql.query(text, [keyOf(sid)]);

  it("D4: what one instance has read the others read from Redis, whole, and rolling tells nobody", async () => {
    expect(await there.store.touch(sid, END + 5)).toBe(true);
    for (const instance of [here, there]) {
      const before = instance.asked.length;
      expect(await instance.store.get(sid)).toEqual({ data: { a: 1 }, expiresAtMs: END + 5 });
      expect(instance.asked.length).toBe(before);
    }
    await there.store.touch(sid, END + 1);
    expect((await here.store.get(sid))?.expiresAtMs).toBe(END + 5);
  });

  it("D3: a touch leaves nobody the lease of a reader from before it", async () => {
    const id = randomUUID();
    await here.store.set(id, { data: {}, expiresAtMs: END });
    const gateOfTruth = held<void>();
    const { get } = there.truth;
    there.truth.get = async (asked) => {
      const found = await get(asked);
      await gateOfTruth.promise;
      return found;
    };
    const reading = there.store.get(id);
    await sleep(30);
    await here.store.touch(id, END + 7);
    gateOfTruth.resolve();
    there.truth.get = get;
    expect((await reading)?.expiresAtMs).toBe(END);
    await there.link.run((client) => client.ping());
    expect((await here.store.get(id))?.expiresAtMs).toBe(END + 7);
  });

  it.each<[string, (instance: Instance) => Promise<unknown>, HttpSession | undefined]>([
    ["an end", ({ store }) => store.destroy(sid), undefined],
    ["an end of all", ({ store }) => store.clear(), undefined],
    [
      "a save",
      ({ store }) => store.set(sid, { data: { b: 2 }, expiresAtMs: END }),
      { data: { b: 2 }, expiresAtMs: END },
    ],
  ])(
    "E3: %s counts on the instance at once, and on the others in milliseconds",
    async (_what, change, expected) => {
      await change(here);
      expect(await here.store.get(sid)).toEqual(expected);
      await vi.waitFor(async () => expect(await there.store.get(sid)).toEqual(expected), {
        timeout: 1_000,
        interval: 1,
      });
    },
  );

  it.each([
    ["shortens it", "update public.http_sessions set expires_at = now() where key = decode($1, 'hex')", 0],
    ["deletes it", "delete from public.http_sessions where key = decode($1, 'hex')", 0],
    ["changes it", `update public.http_sessions set data = '{"a": 2}' where key = decode($1, 'hex')`, 2],
  ])("A5: a hand that %s in SQL is noticed", async (_what, sql, a) => {
    await by(sql);
    await vi.waitFor(async () => expect((await here.store.get(sid))?.data.a ?? 0).toBe(a), 1_000);
  });

  it("E3: a stale fill brings no session back", async () => {
    const id = randomUUID();
    await here.store.set(id, { data: {}, expiresAtMs: END });
    const gateOfTruth = held<void>();
    const { get } = there.truth;
    there.truth.get = async (asked) => {
      const found = await get(asked);
      await gateOfTruth.promise;
      return found;
    };
    const reading = there.store.get(id);
    await sleep(30);
    await here.store.destroy(id);
    gateOfTruth.resolve();
    there.truth.get = get;
    expect(await reading).toBeDefined();
    await there.link.run((client) => client.ping());
    for (const instance of [here, there, byGate]) expect(await instance.store.get(id)).toBeUndefined();
  });

  it("D5: killed with -9, no session is lost and every change counts; started again empty, it answers again", async () => {
    await redis.kill();
    for (const instance of [here, there]) expect(await instance.store.get(sid)).toBeDefined();
    expect(await here.store.set(sid, { data: { a: 2 }, expiresAtMs: END })).toBe(true);
    expect((await there.store.get(sid))?.data).toEqual({ a: 2 });
    await redis.start();
    for (const instance of [here, there, byGate]) await warm(instance);
    expect((await there.store.get(sid))?.data).toEqual({ a: 2 });
  });

  it("E3, D5: what ended while it was paused is refused when it goes on", async () => {
    redis.pause();
    await here.store.destroy(sid);
    expect([await here.store.get(sid), await there.store.get(sid)]).toEqual([undefined, undefined]);
    redis.resume();
    for (let turn = 0; turn < 20; turn += 1) {
      expect([await here.store.get(sid), await there.store.get(sid)]).toEqual([undefined, undefined]);
    }
    expect(await here.store.set(sid, { data: {}, expiresAtMs: END })).toBe(false);
  });

  it("D5: emptied, it is filled anew", async () => {
    await here.link.run((client) => client.flushall());
    expect(await here.store.get(sid)).toBeDefined();
    await warm(there);
  });

  it("E3: an instance that is cut off from Redis ends a session, and the others refuse it", async () => {
    gate.shut();
    expect(await byGate.store.destroy(sid)).toBe(true);
    expect(await byGate.store.get(sid)).toBeUndefined();
    const refused = async () =>
      expect([await here.store.get(sid), await there.store.get(sid)]).toEqual([undefined, undefined]);
    await vi.waitFor(refused, { timeout: 1_000, interval: 1 });
    gate.reopen();
    await vi.waitFor(
      async () => expect(await byGate.link.run((client) => client.ping())).toBe("PONG"),
      5_000,
    );
    for (let turn = 0; turn < 10; turn += 1) expect(await byGate.store.get(sid)).toBeUndefined();
  });

  it("while the channel is closed nothing is read from it", async () => {
    await here.channel.stop();
    expect(await reads(here)).toBe(false);
    here.channel.start();
    await warm(here);
  });

  it("notices about it leave the app's own sessions alone, and theirs leave it", async () => {
    await database.sql.query(
      "select pg_notify('libero_app_sessions', 'session 11111111-1111-4111-8111-111111111111')",
    );
    await database.sql.query(
      "select pg_notify('libero_app_sessions', 'client 11111111-1111-4111-8111-111111111111')",
    );
    await sleep(30);
    expect(await reads(here)).toBe(true);
    await database.sql.query("select pg_notify('libero_app_sessions', 'http all')");
    await vi.waitFor(async () => expect(await reads(there)).toBe(false), { timeout: 1_000, interval: 1 });
  });

  it("E3: whoever changes a session has taken it from Redis before they answer, whenever others hear of it", async () => {
    const { link, truth } = here;
    const channel = aChannel();
    const store = createRedisHttpSessions({ store: truth, link, channel, prefix: `${prefix}:alone` });
    const readsFromRedis = async () => {
      const before = here.asked.length;
      expect(await store.get(sid)).toBeDefined();
      expect(here.asked.length).toBe(before);
    };
    await vi.waitFor(readsFromRedis, 5_000);
    await store.set(sid, { data: { a: 2 }, expiresAtMs: END });
    expect((await store.get(sid))?.data).toEqual({ a: 2 });
    await vi.waitFor(readsFromRedis, 5_000);
    await store.destroy(sid);
    expect(await store.get(sid)).toBeUndefined();
    sid = randomUUID();
    await store.set(sid, { data: {}, expiresAtMs: END });
    await vi.waitFor(readsFromRedis, 5_000);
    await store.clear();
    expect(await store.get(sid)).toBeUndefined();
  });

  it("R36, E1: every key has a time to live and bears the prefix; neither keys nor values tell an id", async () => {
    await here.store.get(randomUUID());
    const keys = await here.link.run((client) => client.keys("*"));
    expect(keys.filter((key) => !key.includes(prefix))).toEqual([]);
    expect(keys).toContain(`${prefix}:http-1:${keyOf(sid)}`);
    const kept: string[] = [];
    for (const key of keys) {
      kept.push(key, (await here.link.run((client) => client.get(key))) ?? "");
      expect(await here.link.run((client) => client.pttl(key)), key).toBeGreaterThan(0);
    }
    expect(foundIn(kept.join("\n"), writings(sid))).toEqual([]);
  });

  it("what is in it goes at the session's end at the latest", async () => {
    const id = randomUUID();
    await here.store.set(id, { data: {}, expiresAtMs: Date.now() + 60_000 });
    await here.store.get(id);
    await here.link.run((client) => client.ping());
    const ttl = await here.link.run((client) => client.pttl(`${prefix}:http-1:${keyOf(id)}`));
    expect(ttl).toBeGreaterThan(5_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
    // A touch does not keep it there for longer: it is believed no longer than any other.
    await here.store.touch(id, END);
    expect(await here.link.run((client) => client.pttl(`${prefix}:http-1:${keyOf(id)}`))).toBeLessThanOrEqual(
      60_000,
    );
  });
});

describe.skipIf(!hasRedis || !hasPostgrest)(
  "HTTP sessions with Redis before supabase-js (needs redis-server and PostgREST)",
  () => {
    let database: TestDatabase;
    let postgrest: Postgrest;
    let redis: RedisServer;
    let instances: Instance[];
    beforeAll(async () => {
      database = await createTestDatabase();
      postgrest = await startPostgrest(database.url);
      redis = await startRedis();
      const prefix = randomUUID();
      const open = () => {
        const db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
        return redisBefore(db, { url: redis.url, prefix });
      };
      instances = await Promise.all([open(), open()]);
    });
    afterAll(async () => {
      await Promise.all(instances.map((instance) => instance.close()));
      await Promise.all([redis.stop(), postgrest.stop()]);
      await database.drop();
    });

    it.each<[string, (sid: string) => Promise<unknown>]>([
      ["the other instance", (sid) => (instances[0] as Instance).store.destroy(sid)],
      ["the other instance, which ends all", () => (instances[0] as Instance).store.clear()],
      ["a hand that deletes it", () => database.sql.query("delete from public.http_sessions")],
      [
        "a hand that shortens it",
        () => database.sql.query("update public.http_sessions set expires_at = now()"),
      ],
      ["a hand that empties the table", () => database.sql.query("truncate public.http_sessions")],
    ])("E3: without LISTEN, too, an end is heard of: by %s", async (_by, end) => {
      const [here, there] = instances as [Instance, Instance];
      const sid = randomUUID();
      await here.store.set(sid, { data: {}, expiresAtMs: END });
      await vi.waitFor(async () => {
        const before = there.asked.length;
        expect(await there.store.get(sid)).toBeDefined();
        expect(there.asked.length).toBe(before);
      }, 10_000);
      await end(sid);
      await vi.waitFor(async () => expect(await there.store.get(sid)).toBeUndefined(), {
        timeout: 2_000,
        interval: 5,
      });
    });
  },
);
