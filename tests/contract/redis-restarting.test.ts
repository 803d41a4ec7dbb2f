import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase } from "../support/database";
import { aClient } from "../support/examples";
import { hasRedis, type RedisServer, startRedis } from "../support/redis-server";
import { RANDOM_RUNS, runCount } from "../support/run-length";
import { silentLogger } from "../support/silent-logger";
import { tieredStores } from "../support/stores";
import { ending } from "./suite/ending";
import { interleavings } from "./suite/interleavings";
import type { World } from "./suite/world";

/** Kills Redis and starts it again, empty, at random moments; some of the time it is away. @returns what ends that */
function restartAtRandom(redis: RedisServer) {
  let [over, restarts] = [false, 0];
  const running = (async () => {
    while (!over) {
      await sleep(randomInt(20, 400));
      await redis.kill();
      await sleep(randomInt(0, 150));
      await redis.start();
      restarts += 1;
    }
  })();
  return {
    restarts: () => restarts,
    async stop() {
      over = true;
      await running;
    },
  };
}

describe.skipIf(!hasRedis)(
  "promise 5: Redis in front of PostgreSQL, killed and started again at random",
  () => {
    const world = {} as World;
    let chaos: ReturnType<typeof restartAtRandom>;
    beforeAll(async () => {
      const { url, reset, drop } = await createTestDatabase();
      const redis = await startRedis();
      const options = {
        url,
        migrationsFolder: "supabase/migrations",
        logger: silentLogger,
        maxConnections: 4,
      };
      const prefix = randomUUID();
      const openOne = () => tieredStores(openPostgres(options), { redisUrl: redis.url, prefix });
      const instances = await Promise.all([openOne(), openOne(), openOne(), openOne()]);
      chaos = restartAtRandom(redis);
      Object.assign(world, instances[0], {
        workers: instances.map(({ sessions }) => sessions),
        reset,
        async close() {
          await chaos.stop();
          await Promise.all(instances.map((instance) => instance.close()));
          await redis.stop();
          await drop();
        },
      });
    });
    beforeEach(async () => {
      await world.reset();
      world.clientId = (await world.clients.install(aClient("old-oak"))).id;
    });
    afterAll(() => world.close());

    ending(world);
    interleavings(world);

    it("Redis was away again and again meanwhile", { tags: [RANDOM_RUNS] }, () => {
      expect(chaos.restarts()).toBeGreaterThan(runCount(2, 20));
    });
  },
);
