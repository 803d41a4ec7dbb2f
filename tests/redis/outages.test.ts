import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UnavailableError } from "../../app/lib/base/errors";
import { createRedisStamps } from "../../app/lib/session-stores/redis-stamps";
import type { Notice } from "../../app/lib/sessions/channel";
import { aSession, NOW } from "../support/examples";
import { hasRedis, startRedis } from "../support/redis-server";
import { startGate } from "../support/tcp-gate";
import { type Instance, openInstances } from "./instances";

afterEach(() => vi.restoreAllMocks());

describe.skipIf(!hasRedis)("promise 5: Redis can die", () => {
  const world = openInstances({ startServer: startRedis });

  /** Whether a session is found, and within a time that nobody notices. */
  const findsSoon = async ({ tier }: Instance, id = world.session.id) => {
    const startedMs = performance.now();
    const found = await tier.find(id);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    return found !== undefined;
  };

  it("D5: killed, every session is found all the same; started again empty, it answers again", async () => {
    const { redis, here, there } = world;
    await redis.kill();
    for (let turn = 0; turn < 20; turn += 1) expect(await findsSoon(here)).toBe(true);
    expect(here.link.health().state).toBe("down");
    await redis.start();
    await world.warm(here);
    await world.warm(there);
    expect(here.link.health()).toMatchObject({ state: "up", breaks: 1 });
  });

  it("E3: what ended while it was paused is refused when it goes on, whoever asks first", async () => {
    const { redis, here, there, session } = world;
    redis.pause();
    await here.tier.end(session.id, "signed_out");
    there.channel.tell({ sessionIds: [session.id] });
    expect(await findsSoon(here)).toBe(false);
    expect(await findsSoon(there)).toBe(false);
    redis.resume();
    for (let turn = 0; turn < 50; turn += 1) {
      expect(await there.tier.find(session.id)).toBeUndefined();
      expect(await here.tier.find(session.id)).toBeUndefined();
    }
  });

  it("E3: what could not be taken from it is not believed by whoever comes later, either", async () => {
    const { redis, here, there, session } = world;
    // Cut off from Redis, which goes on for the others: nobody takes the session away there.
    const gate = await startGate({ host: "127.0.0.1", port: redis.port });
    const cutOff = await world.open({ url: `redis://127.0.0.1:${gate.port}` });
    await world.warm(cutOff);
    gate.shut();
    await cutOff.tier.end(session.id, "signed_out");
    gate.reopen();
    await vi.waitFor(async () => expect(await cutOff.link.run((redis) => redis.ping())).toBe("PONG"), 5_000);
    const newcomer = await world.open({});
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await cutOff.tier.find(session.id)).toBeUndefined();
      expect(await newcomer.tier.find(session.id)).toBeUndefined();
    }
    for (const instance of [here, there]) {
      instance.channel.tell({ sessionIds: [session.id] });
      expect(await instance.tier.find(session.id)).toBeUndefined();
    }
    await Promise.all([cutOff.link.close(), newcomer.link.close(), gate.stop()]);
  });

  it("E4: while the channel is closed nothing is read from it, and nothing from before once it is open again", async () => {
    const { here, session } = world;
    here.channel.state.epoch = undefined;
    expect(await world.reads(here)).toBe(false);
    here.channel.state.epoch = 2;
    await here.tier.find(session.id);
    await world.warm(here);
    expect(await world.reads(here)).toBe(true);
  });

  it("an entry that was read before this instance's channel opened is not believed", async () => {
    world.there.channel.state.epoch = 2;
    expect(await world.reads(world.there)).toBe(false);
  });

  it("D4: what an instance reads first of all is in Redis for the others", async () => {
    const { there } = world;
    const { id } = await world.start();
    const newcomer = await world.open({});
    await newcomer.tier.find(id);
    await newcomer.link.run((redis) => redis.ping());
    expect(await world.reads(there, id)).toBe(true);
    await newcomer.link.close();
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      "a notice could not be passed on to Redis",
      async () => {
        const run = vi.spyOn(world.here.link, "run").mockRejectedValue(new UnavailableError("too late"));
        world.here.channel.tell({ sessionIds: ["11111111-1111-4111-8111-111111111111"] });
        await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(4), 2_000);
        run.mockRestore();
      },
    ],
    [
      "the connection broke: it may be another server, or an older state of it",
      async () => {
        const { client } = world.here.link;
        client.disconnect(true);
        await vi.waitFor(() => expect(client.status).not.toBe("ready"));
        await vi.waitFor(() => expect(client.status).toBe("ready"));
      },
    ],
  ])("E3: nothing from before is believed where %s", async (_what, happen) => {
    await happen();
    expect(await world.reads(world.here)).toBe(false);
  });

  it("a notice that was passed on at the second attempt is no loss, and counts from the first on", async () => {
    const { here, session } = world;
    const other = await world.start();
    await world.warm(here, other.id);
    vi.spyOn(here.link, "run").mockRejectedValueOnce(new UnavailableError("too late"));
    here.channel.tell({ sessionIds: [session.id] });
    expect(await world.reads(here)).toBe(false);
    await sleep(200);
    expect(await world.reads(here, other.id)).toBe(true);
  });

  it.each<[string, () => Notice]>([
    ["the session", () => ({ sessionIds: [world.session.id] })],
    ["its client", () => ({ clientId: world.clientId })],
  ])("E3: a notice about %s counts for a look that is under way", async (_what, notice) => {
    const { redis, here } = world;
    redis.pause();
    const before = here.asked.length;
    const looking = here.tier.find(world.session.id);
    await sleep(10);
    here.channel.tell(notice());
    redis.resume();
    await looking;
    expect(here.asked.length).toBe(before + 1);
  });

  it("E3: whoever ends a session answers when it is gone from Redis, and not before", async () => {
    const { here, there, session } = world;
    const run = here.link.run;
    vi.spyOn(here.link, "run").mockImplementation(async (work) => {
      await sleep(30);
      return run(work);
    });
    await here.tier.end(session.id, "signed_out");
    expect(await there.tier.find(session.id)).toBeUndefined();
  });

  it("stamps go on growing where Redis has forgotten the last one", async () => {
    const { here, prefix } = world;
    const stamps = createRedisStamps(here.link, prefix);
    const before = await stamps.mark("all");
    await here.link.run((redis) => redis.flushall());
    await sleep(2);
    expect(await stamps.next()).toBeGreaterThan(before);
  });

  it("Redis that holds nonsense is no reason to fail", async () => {
    const { here, prefix, session } = world;
    await here.link.run((redis) => redis.set(`${prefix}:session-2:${session.id}`, "{nonsense", "PX", 60_000));
    expect(await findsSoon(here)).toBe(true);
  });
});

describe.skipIf(!hasRedis)("R31: the database is away, and Redis vouches", () => {
  const time = { nowMs: NOW };
  const world = openInstances({ startServer: startRedis, vouchMs: 60_000, now: () => time.nowMs });
  afterEach(() => {
    time.nowMs = NOW;
  });

  /** The truth does not answer this instance, whose channel is closed then, too. */
  const away = (instance: Instance) => {
    instance.channel.state.epoch = undefined;
    for (const name of ["find", "end", "saveData", "renew", "touch"] as const) {
      vi.spyOn(instance.store, name).mockRejectedValue(new UnavailableError("away", { unasked: true }));
    }
  };

  it("reads go on, writes do not", async () => {
    const { here, session } = world;
    away(here);
    expect((await here.tier.find(session.id))?.session.id).toBe(session.id);
    await expect(here.tier.end(session.id, "signed_out")).rejects.toThrow("away");
    expect((await here.tier.find(session.id))?.session.id).toBe(session.id);
  });

  it("a Redis that is slower than usual is waited for: nobody else can answer", async () => {
    const { here, session, redis } = world;
    away(here);
    redis.pause();
    const finding = here.tier.find(session.id);
    await sleep(200);
    redis.resume();
    expect((await finding)?.session.id).toBe(session.id);
  });

  it("so does one instance for what another has read, whoever signed in before", async () => {
    const { here, there, clientId } = world;
    const { id } = await there.tier.create(aSession(clientId));
    await here.tier.find(id);
    await here.link.run((redis) => redis.ping());
    away(there);
    expect((await there.tier.find(id))?.session.id).toBe(id);
  });

  it("a fresh look-up, as every form asks for it, does not", async () => {
    const { here, session } = world;
    away(here);
    await expect(here.tier.find(session.id, { fresh: true })).rejects.toThrow("away");
  });

  it.each<[string, () => Promise<unknown>]>([
    ["it ended", () => world.there.tier.end(world.session.id, "signed_out")],
    [
      "all of its user ended",
      () => world.there.tier.endAll({ clientId: world.clientId, userId: world.session.user.id }, "operator"),
    ],
    ["all of its client ended", () => world.there.tier.endAll({ clientId: world.clientId }, "operator")],
    ["all ended", () => world.there.tier.endAll({}, "operator")],
    [
      "its client was uninstalled",
      async () => world.there.tier.forget({ tenantId: world.session.tenantId }, "ended"),
    ],
  ])("E3: not for a session of which another instance knows that %s", async (_what, end) => {
    const { here, session } = world;
    away(here);
    await end();
    await expect(here.tier.find(session.id)).rejects.toThrow("away");
  });

  it("nor for one that is over by the clock", async () => {
    const { here, session } = world;
    away(here);
    time.nowMs = session.expiresAtMs;
    await expect(here.tier.find(session.id)).rejects.toThrow("away");
  });

  it("nor where the connection to Redis broke meanwhile", async () => {
    const { here, session } = world;
    away(here);
    here.link.client.disconnect(true);
    await vi.waitFor(() => expect(here.link.client.status).not.toBe("ready"));
    await vi.waitFor(() => expect(here.link.client.status).toBe("ready"));
    await expect(here.tier.find(session.id)).rejects.toThrow("away");
  });

  it("R5: one that idles out by the clock is looked up where the truth is", async () => {
    const { here } = world;
    const { id } = await world.start({ idleTimeoutSeconds: 60 });
    await world.warm(here, id);
    time.nowMs = NOW + 60_000;
    expect(await world.reads(here, id)).toBe(false);
  });

  it("nor for what another instance filled in before this one trusted Redis", async () => {
    const { here, there, session } = world;
    there.channel.state.epoch = 2;
    await there.tier.find("11111111-1111-4111-8111-111111111111");
    away(there);
    await expect(there.tier.find(session.id)).rejects.toThrow("away");
    expect(await world.reads(here)).toBe(true);
  });

  it("with 0 seconds, for nobody", async () => {
    const strict = await world.open({ vouchMs: 0 });
    await world.warm(strict);
    away(strict);
    await expect(strict.tier.find(world.session.id)).rejects.toThrow("away");
    await strict.link.close();
  });
});
