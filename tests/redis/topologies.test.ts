import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { parseRedisAddress, type RedisAddress } from "../../app/lib/redis/address";
import { openRedisLink } from "../../app/lib/redis/link";
import { ask, hasRedis, startRedis } from "../support/redis-server";
import { type RedisSentinel, startRedisCluster, startRedisSentinel } from "../support/redis-topologies";
import { silentLogger } from "../support/silent-logger";
import { startGate } from "../support/tcp-gate";
import { type Instances, openInstances } from "./instances";

let cluster: ReturnType<typeof startRedisCluster>;
beforeAll(() => {
  // Its nodes take writes after two seconds, which may pass beside the other tests.
  if (hasRedis) cluster = startRedisCluster();
});

/** What holds however Redis is built: read by all, ended for all. */
function holds(world: Instances) {
  it("D4, E3: what one instance has read the other reads; what ends is gone", async () => {
    const { here, there, clientId, session } = world;
    for (let turn = 0; turn < 20; turn += 1) {
      const { id } = await world.start();
      await world.warm(here, id);
      expect(await world.reads(there, id)).toBe(true);
      await here.tier.end(id, "signed_out");
      expect(await there.tier.find(id)).toBeUndefined();
    }
    await here.tier.endAll({ clientId }, "operator");
    expect(await world.reads(here)).toBe(false);
    expect(await here.tier.find(session.id)).toBeUndefined();
  });
}

describe.skipIf(!hasRedis)("a Redis with a password", () => {
  holds(
    openInstances({
      startServer: async () => {
        const { stop, port } = await startRedis("--requirepass", "p@ss:word");
        return { url: `redis://:p%40ss%3Aword@127.0.0.1:${port}/2`, stop };
      },
    }),
  );
});

describe.skipIf(!hasRedis).each([
  ["by its access list", ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-info", "-config"]],
  ["by renaming it", ["--rename-command", "INFO", "", "--rename-command", "CONFIG", ""]],
])("a Redis that forbids INFO %s", (_how, options) => {
  holds(openInstances({ startServer: () => startRedis(...options) }));
});

describe.skipIf(!hasRedis)("a Redis behind Sentinels", () => {
  let sentinel: RedisSentinel;
  const world = openInstances({
    startServer: async () => {
      sentinel = await startRedisSentinel();
      return sentinel;
    },
  });
  holds(world);

  it("D5, E3: while another server takes over every session is found, and what ended meanwhile stays ended", {
    timeout: 60_000,
  }, async () => {
    const { here, there, session } = world;
    const { id } = await world.start();
    await world.warm(here, id);
    const taking = sentinel.failOver();
    await here.tier.end(id, "signed_out");
    there.channel.tell({ sessionIds: [id] });
    let over = false;
    const looking = (async () => {
      while (!over) {
        for (const { tier } of [here, there]) {
          expect(await tier.find(session.id)).toBeDefined();
          expect(await tier.find(id)).toBeUndefined();
        }
        await sleep(5);
      }
    })();
    await taking;
    await world.warm(here);
    await world.warm(there);
    over = true;
    await looking;
  });
});

it.skipIf(!hasRedis)(
  "D5: a failover that is announced while it connects, and a Sentinel that hangs: it goes on trying until it is closed",
  { timeout: 60_000 },
  async () => {
    const sentinel = await startRedisSentinel();
    const gate = await startGate({ host: "127.0.0.1", port: sentinel.sentinelPort });
    const address = parseRedisAddress(`redis+sentinel://127.0.0.1:${gate.port}/libero`) as RedisAddress;
    const link = openRedisLink({ address, timeoutMs: 1_000, logger: silentLogger });
    expect(await link.start()).toBeUndefined();

    gate.hangAt("get-master-addr-by-name");
    await ask(sentinel.masterPort, "client", "kill", "type", "normal");
    await vi.waitFor(() => expect(gate.hangs()).toBe(true), 10_000);
    await sentinel.changeMaster();
    await vi.waitFor(() => link.run((redis) => redis.set("after", "it")), { timeout: 20_000, interval: 50 });

    await link.close();
    await vi.waitFor(() => expect(link.client.status).toBe("end"));
    // Longer than it would wait before it connects again.
    await sleep(300);
    expect(link.client.status).toBe("end");
    await gate.stop();
    await sentinel.stop();
  },
);

describe.skipIf(!hasRedis)("a Redis Cluster of three", () => {
  holds(openInstances({ startServer: () => cluster }));
});
