import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openSupabase } from "../../app/lib/db/supabase";
import { createRedisChannel, type RedisChannel } from "../../app/lib/session-stores/redis-channel";
import { aPatch, seen } from "../contract/suite/world";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession, NOW } from "../support/examples";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { ask, hasRedis, type RedisServer, startRedis } from "../support/redis-server";
import { silentLogger } from "../support/silent-logger";
import { tieredStores } from "../support/stores";
import { startGate } from "../support/tcp-gate";

type Instance = Awaited<ReturnType<typeof tieredStores>>;

/** An instance that no longer hears of changes notices it within this time, and closes its memory. */
const DEAF_MS = 2_000;

describe.skipIf(!hasRedis || !hasPostgrest)(
  "E4: notices over Redis, for wires that cannot listen to the database",
  () => {
    let database: TestDatabase;
    let postgrest: Postgrest;
    let redis: RedisServer;
    let gate: Awaited<ReturnType<typeof startGate>>;
    let [here, there] = [{} as Instance, {} as Instance];
    let prefix = "";
    let clientId = "";
    let id = "";

    beforeAll(async () => {
      database = await createTestDatabase();
      postgrest = await startPostgrest(database.url);
      redis = await startRedis();
      gate = await startGate({ host: "127.0.0.1", port: redis.port });
    });
    beforeEach(async () => {
      gate.reopen();
      await database.reset();
      prefix = randomUUID();
      const open = (port: number) =>
        tieredStores(openWire(), { redisUrl: `redis://127.0.0.1:${port}`, prefix, cache: true });
      // The one has a way to Redis of its own, which can be shut.
      here = await open(gate.port);
      there = await open(redis.port);
      clientId = (await here.clients.install(aClient("old-oak"))).id;
      id = (await here.sessions.create(aSession(clientId))).id;
      await there.sessions.find(id);
      await there.sessions.find(id);
    });
    afterEach(() => Promise.all([here.close(), there.close()]));
    afterAll(async () => {
      await Promise.all([redis.stop(), gate.stop(), postgrest.stop()]);
      await database.drop();
    });

    const openWire = () => openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
    const isKnownThere = async () => (await there.sessions.find(id)) !== undefined;
    const untilUnknownThere = (timeout: number) =>
      vi.waitFor(async () => expect(await isKnownThere()).toBe(false), { timeout, interval: 5 });

    it("a session is read from memory, and a sign-out elsewhere reaches it within milliseconds", async () => {
      expect(await isKnownThere()).toBe(true);
      await here.sessions.end(id, "signed_out");
      await untilUnknownThere(200);
    });

    it("saved data reaches it as well", async () => {
      await here.sessions.saveData(seen(id), aPatch({ set: { a: 1 } }), NOW);
      await vi.waitFor(
        async () => expect((await there.sessions.find(id))?.session.data).toEqual({ a: 1 }),
        200,
      );
    });

    it("an uninstall reaches it", async () => {
      await here.clients.uninstall("old-oak");
      await untilUnknownThere(200);
    });

    it("E3: whoever cannot reach Redis answers a sign-out when nobody remembers the session any more", async () => {
      gate.shut();
      await here.sessions.end(id, "signed_out");
      expect(await isKnownThere()).toBe(false);
      await vi.waitFor(() => expect(there.channel.epoch()).toBeDefined(), { timeout: 5_000 });
      expect(await isKnownThere()).toBe(false);
    });

    it.each([
      ["deletes it", "delete from public.app_sessions"],
      ["shortens it", "update public.app_sessions set expires_at = now() - interval '1 hour'"],
      [
        "moves its activity back",
        "update public.app_sessions set last_activity_at = now() - interval '3 hours'",
      ],
      ["uninstalls its client", "update public.clients set uninstalled_at = now()"],
      ["empties the table", "truncate public.app_sessions"],
    ])("A5: a hand that %s in SQL is noticed", async (_what, statement) => {
      expect(await isKnownThere()).toBe(true);
      await database.sql.query(statement);
      await vi.waitFor(
        async () => {
          const found = (await there.sessions.find(id))?.session;
          const live =
            found && found.expiresAtMs > Date.now() && found.lastActivityAtMs > Date.now() - 3_600_000;
          expect(Boolean(live)).toBe(false);
        },
        { timeout: DEAF_MS, interval: 20 },
      );
    });

    it("a hand that changes a role in SQL is noticed", async () => {
      await database.sql.query("update public.app_sessions set user_role = 'Nobody'");
      await vi.waitFor(
        async () => expect((await there.sessions.find(id))?.session.user.role).toBe("Nobody"),
        {
          timeout: DEAF_MS,
          interval: 20,
        },
      );
    });

    it.each(["neither", '{"notice":{"wineryId":1}}', '{"told":"later"}', "1"])(
      "E3: what it does not understand, %s, has everything forgotten",
      async (message) => {
        const heard: unknown[] = [];
        there.channel.subscribe((notice) => heard.push(notice));
        await ask(redis.port, "publish", `${prefix}:notices`, message);
        await vi.waitFor(() => expect(heard).toEqual(["all"]));
      },
    );

    it("without Redis it closes in time, and opens again by itself", async () => {
      await redis.kill();
      await vi.waitFor(() => expect(there.channel.epoch()).toBeUndefined(), { timeout: DEAF_MS });
      expect(await isKnownThere()).toBe(true);
      await redis.start();
      await vi.waitFor(() => expect(there.channel.epoch()).toBeDefined(), { timeout: 10_000 });
      expect(await isKnownThere()).toBe(true);
    });

    describe("where its subscription alone is cut off, and Redis answers all the same", () => {
      let channel: RedisChannel;
      beforeEach(async () => {
        const db = openWire();
        const link = { ...there.link, openAnother: here.link.openAnother };
        channel = createRedisChannel({ link, db, prefix: randomUUID(), logger: silentLogger });
        channel.start();
        await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), { timeout: 5_000 });
        return async () => {
          gate.thaw();
          await channel.stop();
          await db.close();
        };
      });

      it("it closes in time when it hears nothing", async () => {
        gate.freeze();
        await vi.waitFor(() => expect(channel.epoch()).toBeUndefined(), { timeout: DEAF_MS });
        expect(await there.link.run((redis) => redis.ping())).toBe("PONG");
      });

      it("E3: a break of a moment is a break: what was told in it may be missed", async () => {
        const before = channel.epoch();
        gate.shut();
        gate.reopen();
        await vi.waitFor(() => expect(channel.epoch()).not.toBe(before), { timeout: DEAF_MS });
      });
    });

    it("Redis that is paused closes it in time", async () => {
      redis.pause();
      await vi.waitFor(() => expect(there.channel.epoch()).toBeUndefined(), { timeout: DEAF_MS });
      redis.resume();
      await vi.waitFor(() => expect(there.channel.epoch()).toBeDefined(), { timeout: 10_000 });
    });
  },
);
