import type { Cluster, Redis } from "ioredis";
import { type IRateLimiterOptions, RateLimiterRedis } from "rate-limiter-flexible";
import type { Breaker } from "../base/breaker";
import { UnavailableError } from "../base/errors";
import { within } from "../base/within";

const TIMEOUT_MS = 500;

type RedisLimiterOptions = IRateLimiterOptions & {
  redis: Redis | Cluster;
  breaker: Breaker;
  inMemoryBlockOnConsumed?: number;
};

/** What RateLimiterRedis does and its types do not tell. */
type Inner = {
  _upsert(key: string, ...rest: unknown[]): Promise<unknown>;
  _get(key: string): Promise<unknown>;
  _delete(key: string): Promise<boolean>;
};
const inner = RateLimiterRedis.prototype as unknown as Inner;

/** The library's own, with a limit of time: a Redis that hangs keeps nobody waiting, and `insuranceLimiter` counts. */
export class RedisLimiter extends RateLimiterRedis {
  readonly #breaker: Breaker;

  constructor({ redis, breaker, ...options }: RedisLimiterOptions) {
    super({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
    this.#breaker = breaker;
  }

  _upsert(...args: Parameters<Inner["_upsert"]>) {
    return this.#run(() => inner._upsert.apply(this as unknown as Inner, args));
  }

  _get(key: string) {
    return this.#run(() => inner._get.call(this, key));
  }

  _delete(key: string) {
    return this.#run(() => inner._delete.call(this, key));
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    const late = () => new UnavailableError(`Redis did not answer within ${TIMEOUT_MS} ms`);
    return this.#breaker.run(() => within(work(), TIMEOUT_MS, late));
  }
}
