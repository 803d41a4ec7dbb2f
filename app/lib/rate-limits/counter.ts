import { createHash } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { type Breaker, createBreaker } from "../base/breaker";
import { MINUTE_SECONDS, SECOND_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import { DatabaseLimiter } from "./database-limiter";
import { RedisLimiter } from "./redis-limiter";

/** Whether something may be done, and where not, in how many whole seconds it may. */
export type Verdict = { allowed: true } | { allowed: false; retryAfterSeconds: number };

/** How often a key did something within a window. */
export interface Counter {
  /** Counts one more. */
  count(who: string): Promise<Verdict>;
  /** Whether there is room for one more; counts nothing. */
  look(who: string): Promise<Verdict>;
}

/** Where counts are kept: in the first that answers. What stands behind them all is this process's memory. */
export type CountStores = {
  redis: { client: Redis | Cluster; breaker: Breaker } | undefined;
  database: { db: Database; breaker: Breaker };
};

const ALLOWED: Verdict = { allowed: true };

/** Counters share what they know of a store that is away, so that the log tells it once and only one of them tries. */
export function countStores(redis: Redis | Cluster | undefined, db: Database, logger: Logger): CountStores {
  const breaker = (name: string, meanwhile: string) =>
    createBreaker({
      name: `the count of rate limits in ${name}`,
      meanwhile,
      isOutage: () => true,
      failures: 1,
      retryAfterMs: 2 * SECOND_MS,
      logger,
    });
  return {
    redis: redis && { client: redis, breaker: breaker("Redis", "the database counts") },
    database: { db, breaker: breaker("the database", "each instance counts for itself") },
  };
}

type CounterOptions = {
  /** Tells this counter's keys from others'. */
  prefix: string;
  /** So many in a window are allowed; with 0, any number. */
  most: number;
  /** How long a window lasts. */
  windowSeconds?: number;
  stores: CountStores;
  logger: Logger;
};

/** A counter that fails open: what goes wrong in it refuses nobody. */
export function createCounter(options: CounterOptions): Counter {
  const { prefix, most, windowSeconds = MINUTE_SECONDS, stores, logger } = options;
  if (most === 0) return { count: async () => ALLOWED, look: async () => ALLOWED };
  const limiter = createLimiter({ keyPrefix: prefix, points: most, duration: windowSeconds }, stores);
  let failed = false;

  const judge = async (ask: () => Promise<Verdict>) => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof RateLimiterRes) return refusal(error);
      if (!failed) logger.error({ reason: messageOf(error), counter: prefix }, "a rate limit cannot count");
      failed = true;
      return ALLOWED;
    }
  };
  return {
    count: (who) => judge(() => limiter.consume(digest(who)).then(() => ALLOWED)),
    look: (who) =>
      judge(async () => {
        const counted = await limiter.get(digest(who));
        const isFull = counted !== null && counted.consumedPoints >= most && counted.msBeforeNext > 0;
        return isFull ? refusal(counted) : ALLOWED;
      }),
  };
}

/** Redis, insured by the database, insured by memory. */
function createLimiter(
  options: { keyPrefix: string; points: number; duration: number },
  { redis, database }: CountStores,
) {
  // Whoever has used everything up is refused from memory, so that an attack does not become one on the store.
  const stored = { ...options, inMemoryBlockOnConsumed: options.points };
  const insuranceLimiter = new DatabaseLimiter({
    ...stored,
    ...database,
    insuranceLimiter: new RateLimiterMemory(options),
  });
  if (!redis) return insuranceLimiter;
  return new RedisLimiter({ ...stored, redis: redis.client, breaker: redis.breaker, insuranceLimiter });
}

function refusal({ msBeforeNext }: RateLimiterRes): Verdict {
  return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / SECOND_MS)) };
}

/** Keeps addresses out of sight in Redis and in the table; they are no secrets, and few enough to be tried one by one. */
const digest = (who: string) => createHash("sha256").update(who).digest("base64url").slice(0, 22);
