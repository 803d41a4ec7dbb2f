import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRedisEntries } from "../../app/lib/session-stores/redis-entries";
import { APP_SESSIONS } from "../../app/lib/session-stores/redis-kinds";
import type { StoredSession } from "../../app/lib/sessions/store";
import { hashSecret, newSecret } from "../../app/lib/sessions/token";
import { aPatch, seen } from "../contract/suite/world";
import { aSession, NOW } from "../support/examples";
import { hasRedis, startRedis } from "../support/redis-server";
import { held } from "../unit/sessions/support";
import { type Instance, openInstances } from "./instances";

describe.skipIf(!hasRedis)("Redis in front of a store", () => {
  const world = openInstances({ startServer: startRedis });

  /** Lets the next look-up of an instance read the truth, and hands out its answer later. */
  const holdAnswer = (instance: Instance) => {
    const gate = held<void>();
    const arrived = held<void>();
    const { find } = instance.store;
    instance.store.find = async (id, options) => {
      const found = await find(id, options);
      instance.store.find = find;
      arrived.resolve();
      await gate.promise;
      return found;
    };
    return { arrived: arrived.promise, release: () => gate.resolve() };
  };

  it("D4: what one instance has read the other reads from Redis, whole", async () => {
    const { here, there, session } = world;
    const fresh = await here.tier.find(session.id, { fresh: true });
    expect(await world.reads(there)).toBe(true);
    expect(await there.tier.find(session.id)).toEqual(fresh);
  });

  it("R34: the secret before the last rotation comes along", async () => {
    const { here, there, session } = world;
    const { secretHash } = (await here.tier.find(session.id)) as StoredSession;
    const rotation = { from: secretHash, to: hashSecret(newSecret()), graceUntilMs: NOW + 10_000 };
    expect(await here.tier.rotate(seen(session.id), rotation, NOW)).toBe(true);
    await world.warm(there);
    expect(await there.tier.find(session.id)).toEqual(await here.tier.find(session.id, { fresh: true }));
    expect((await there.tier.find(session.id))?.previous[0]?.secretHash).toEqual(secretHash);
  });

  it("a fresh look-up asks the truth", async () => {
    const { here, session } = world;
    const before = here.asked.length;
    await here.tier.find(session.id, { fresh: true });
    expect(here.asked.length).toBe(before + 1);
  });

  it("R6: what is over by the clock is never read from it", async () => {
    const { here, there } = world;
    const over = await world.start({ createdAtMs: NOW - 10_000, expiresAtMs: NOW - 1 });
    await here.tier.find(over.id);
    await here.tier.find(over.id);
    expect(await world.reads(there, over.id)).toBe(false);
  });

  it("R6: what is in it goes at the session's end at the latest", async () => {
    const { here } = world;
    const { id } = await world.start({ expiresAtMs: NOW + 60_000 });
    await world.warm(here, id);
    const key = `${world.prefix}:session-2:${id}`;
    expect(await here.link.run((redis) => redis.pttl(key))).toBeLessThanOrEqual(60_000);
  });

  it("R5: what has idled out is not put into it", async () => {
    const { here, prefix } = world;
    const { id } = await world.start({ createdAtMs: NOW - 61_000, idleTimeoutSeconds: 60 });
    expect(await here.tier.find(id)).toBeDefined();
    await here.link.run((redis) => redis.ping());
    expect(await createRedisEntries(here.link, prefix, APP_SESSIONS).peek(id)).toBeUndefined();
  });

  describe("E3: what ends or changes is gone from it before that is answered", () => {
    it.each<[string, (instance: Instance, id: string) => Promise<unknown>]>([
      ["an end", ({ tier }, id) => tier.end(id, "signed_out")],
      ["an idle end", ({ tier }, id) => tier.endIdle(seen(id), NOW + 100 * 3_600_000)],
      ["an end of all", ({ tier }) => tier.endAll({}, "operator")],
      ["an end of the client's", ({ tier }) => tier.endAll({ clientId: world.clientId }, "operator")],
      [
        "an end of the user's",
        ({ tier }) => tier.endAll({ clientId: world.clientId, userId: world.session.user.id }, "operator"),
      ],
      ["saved data", ({ tier }, id) => tier.saveData(seen(id), aPatch({ set: { a: 1 } }), NOW)],
      ["a sign-in in its place", ({ tier }, id) => tier.create(aSession(world.clientId, { replaces: [id] }))],
    ])("%s", async (_what, change) => {
      const { here, session } = world;
      await change(here, session.id);
      expect(await world.reads(here)).toBe(false);
    });

    it.each<[string, (clientId: string) => unknown]>([
      ["a session", () => ({ sessionIds: [world.session.id] })],
      ["a client", (clientId) => ({ clientId })],
      ["a tenant", () => ({ tenantId: world.session.tenantId })],
      ["all", () => "all"],
    ])("a notice about %s counts from the moment it comes", async (_what, notice) => {
      world.there.channel.tell(notice(world.clientId) as never);
      expect(await world.reads(world.there)).toBe(false);
    });

    it("an end of one client's leaves the others'", async () => {
      const { here, there } = world;
      await here.tier.endAll({ clientId: "11111111-1111-4111-8111-111111111111" }, "operator");
      expect(await world.reads(here)).toBe(true);
      expect(await world.reads(there)).toBe(true);
    });
  });

  describe("E3: a stale fill cannot bring a session back", () => {
    it("one that read before the session ended, and fills in after", async () => {
      const { here, there } = world;
      const { id } = await world.start();
      const late = holdAnswer(there);
      const reading = there.tier.find(id);
      await late.arrived;
      await here.tier.end(id, "signed_out");
      late.release();
      await reading;
      // The fill is not waited for: whatever it does, it has done when the next command is answered.
      await there.link.run((redis) => redis.ping());
      expect(await there.tier.find(id)).toBeUndefined();
      expect(await here.tier.find(id)).toBeUndefined();
    });

    it("one that read before all ended", async () => {
      const { here, there, clientId } = world;
      const { id } = await world.start();
      const late = holdAnswer(there);
      const reading = there.tier.find(id);
      await late.arrived;
      await here.tier.endAll({ clientId }, "operator");
      there.channel.tell({ clientId });
      // It learns of the newest stamp meanwhile, which the late one must not bear.
      await there.tier.find(randomUUID());
      late.release();
      await reading;
      await there.link.run((redis) => redis.ping());
      expect(await here.tier.find(id)).toBeUndefined();
      expect(await there.tier.find(id)).toBeUndefined();
    });
  });

  it("R36: every key has a time to live and bears the prefix; no value holds a secret", async () => {
    const { here, there, session, prefix, clientId } = world;
    const secret = newSecret();
    const { id } = await here.tier.create(aSession(clientId, { secretHash: hashSecret(secret) }));
    await world.warm(there, id);
    await here.tier.endAll({ clientId, userId: "nobody" }, "operator");
    const entries = createRedisEntries(here.link, prefix, APP_SESSIONS);
    await entries.look(randomUUID());
    await entries.lease(randomUUID());
    const keys = await here.link.run((redis) => redis.keys("*"));
    const ours = keys.filter((key) => key.includes(prefix));
    expect(ours.length).toBeGreaterThanOrEqual(6);
    for (const key of ours) {
      expect(await here.link.run((redis) => redis.pttl(key)), key).toBeGreaterThan(0);
      const value = (await here.link.run((redis) => redis.get(key))) ?? "";
      expect(value).not.toContain(secret);
    }
    expect(ours.filter((key) => key.endsWith(session.id))).toHaveLength(1);
  });

  it("two deployments with prefixes of their own do not read each other's", async () => {
    const other = await world.open({ prefix: "another" });
    expect(await world.reads(other)).toBe(false);
    await other.link.close();
  });
});
