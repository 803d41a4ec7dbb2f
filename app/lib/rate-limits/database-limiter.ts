import { type IRateLimiterOptions, RateLimiterRes } from "rate-limiter-flexible";
import RateLimiterStoreAbstract from "rate-limiter-flexible/lib/RateLimiterStoreAbstract.js";
import type { Breaker } from "../base/breaker";
import { SECOND_MS } from "../base/durations";
import type { Database, Row } from "../db/database";

/** A count is worth no long wait: memory counts as well. */
const TIMEOUT_MS = 2 * SECOND_MS;

type DatabaseLimiterOptions = IRateLimiterOptions & {
  db: Database;
  breaker: Breaker;
  inMemoryBlockOnConsumed?: number;
};

/**
 * rate-limiter-flexible over the functions in `supabase/migrations`, whatever the wire. Windows run by the database's
 * clock, which all instances share. Where the database is away, `insuranceLimiter` counts.
 */
export class DatabaseLimiter extends RateLimiterStoreAbstract {
  readonly #db: Database;
  readonly #breaker: Breaker;

  constructor({ db, breaker, ...options }: DatabaseLimiterOptions) {
    super({ ...options, storeClient: db });
    this.#db = db;
    this.#breaker = breaker;
  }

  /** @param msDuration length of the window, in ms, where one begins; `restart` begins one in any case */
  async _upsert(key: string, points: number, msDuration: number, restart = false): Promise<Row> {
    const [row] = await this.#call("consume_rate_limit", {
      p_key: key,
      p_points: points,
      p_window_ms: msDuration,
      p_restart: restart,
    });
    if (!row) throw new Error("consume_rate_limit answered nothing");
    return row;
  }

  async _get(key: string): Promise<Row | null> {
    const [row] = await this.#call("find_rate_limit", { p_key: key }, { readOnly: true });
    return row ?? null;
  }

  async _delete(key: string): Promise<boolean> {
    const [row] = await this.#call("delete_rate_limit", { p_key: key });
    return row?.delete_rate_limit === true;
  }

  _getRateLimiterRes(_key: string, changedPoints: number, { points, ms_before_next }: Row): RateLimiterRes {
    return new RateLimiterRes(
      Math.max(this.points - points, 0),
      ms_before_next,
      points,
      points === changedPoints,
    );
  }

  #call(name: string, args: Parameters<Database["call"]>[1], options: { readOnly?: boolean } = {}) {
    return this.#breaker.run(() => this.#db.call(name, args, { ...options, timeoutMs: TIMEOUT_MS }));
  }
}
