import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";
import { parseRedisAddress, type RedisAddress } from "../../app/lib/redis/address";
import { openRedisLink, type RedisLink } from "../../app/lib/redis/link";
import { createMemoryStores } from "../../app/lib/session-stores/memory";
import { createRedisTier, type RedisTier } from "../../app/lib/session-stores/redis-tier";
import type { Session } from "../../app/lib/sessions/session";
import type { SessionStore } from "../../app/lib/sessions/store";
import { aClient, aSession } from "../support/examples";
import type { RedisTopology } from "../support/redis-topologies";
import { silentLogger } from "../support/silent-logger";
import { aChannel } from "../unit/sessions/support";

export type Instance = {
  tier: RedisTier;
  link: RedisLink;
  channel: ReturnType<typeof aChannel>;
  /** The truth as this instance reaches it: a test may have it hang or fail. */
  store: SessionStore;
  /** Ids that the truth was asked for. */
  asked: string[];
};

export type Instances<Server extends RedisTopology = RedisTopology> = {
  redis: Server;
  prefix: string;
  /** Two instances of the app before one truth and one Redis. */
  here: Instance;
  there: Instance;
  clientId: string;
  /** A session that both have read from Redis. */
  session: Session;
  /** One more instance; the test closes its link. */
  open(changes: { prefix?: string; vouchMs?: number; url?: string }): Promise<Instance>;
  /** One more session, which nobody has read yet. */
  start(changes?: Parameters<typeof aSession>[1]): Promise<Session>;
  /** Whether the instance reads the session without asking the truth. */
  reads(instance: Instance, id?: string): Promise<boolean>;
  /** Reads until Redis answers. */
  warm(instance: Instance, id?: string): Promise<void>;
};

type WorldOptions<Server> = { startServer: () => Promise<Server>; vouchMs?: number; now?: () => number };

export function openInstances<Server extends RedisTopology>(
  options: WorldOptions<Server>,
): Instances<Server> {
  const { startServer, vouchMs = 0, now = Date.now } = options;
  const world = {} as Instances<Server>;
  beforeAll(async () => {
    world.redis = await startServer();
  });
  beforeEach(async () => {
    world.prefix = randomUUID();
    const { sessions, clients } = createMemoryStores(now);
    world.open = ({ url = world.redis.url, ...changes }) =>
      openInstance(url, { prefix: world.prefix, truth: sessions, vouchMs, now, ...changes });
    world.here = await world.open({});
    world.there = await world.open({});
    world.clientId = (await clients.install(aClient("old-oak"))).id;
    world.session = await world.start();
    await world.warm(world.here);
    await world.warm(world.there);
    return async () => {
      await world.here.link.close();
      await world.there.link.close();
    };
  });
  afterAll(() => world.redis.stop());

  world.start = (changes) => world.here.tier.create(aSession(world.clientId, changes));
  world.reads = async ({ tier, asked }, id = world.session.id) => {
    const before = asked.length;
    const found = await tier.find(id);
    return found !== undefined && asked.length === before;
  };
  world.warm = (instance, id) =>
    vi.waitFor(async () => expect(await world.reads(instance, id)).toBe(true), {
      timeout: 20_000,
      interval: 10,
    });
  return world;
}

type InstanceOptions = { prefix: string; truth: SessionStore; vouchMs: number; now: () => number };

async function openInstance(
  url: string,
  { prefix, truth, vouchMs, now }: InstanceOptions,
): Promise<Instance> {
  const link = openRedisLink({
    address: parseRedisAddress(url) as RedisAddress,
    timeoutMs: 100,
    logger: silentLogger,
  });
  await link.start();
  const asked: string[] = [];
  const store: SessionStore = {
    ...truth,
    find(id, options) {
      asked.push(id);
      return truth.find(id, options);
    },
  };
  const channel = aChannel();
  const tier = createRedisTier({ store, link, channel, prefix, vouchMs, clock: now });
  return { tier, link, channel, store, asked };
}
