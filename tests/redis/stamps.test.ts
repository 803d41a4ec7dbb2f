import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRedisStamps } from "../../app/lib/session-stores/redis-stamps";
import { hasRedis, startRedis } from "../support/redis-server";
import { openInstances } from "./instances";

describe.skipIf(!hasRedis)("stamps", () => {
  const world = openInstances({ startServer: startRedis });

  it("E3: each is larger than every one before it, however fast they are drawn, and by whom", async () => {
    const prefix = randomUUID();
    const here = createRedisStamps(world.here.link, prefix);
    const there = createRedisStamps(world.there.link, prefix);
    const drawn: number[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      drawn.push(await (turn % 2 === 0 ? here : there).next());
      drawn.push(await (turn % 2 === 0 ? there : here).mark({ clientId: `client ${turn}` }));
    }
    expect(drawn.every((stamp, index) => index === 0 || stamp > (drawn[index - 1] as number))).toBe(true);
    expect(await here.newest()).toBe(drawn.at(-1));
  });

  it("E3: they go on growing where Redis has forgotten the last one", async () => {
    const stamps = createRedisStamps(world.here.link, randomUUID());
    const before = await stamps.next();
    await world.here.link.run((redis) => redis.flushall());
    await world.here.link.run((redis) => redis.ping());
    expect(await stamps.next()).toBeGreaterThanOrEqual(before);
  });
});
