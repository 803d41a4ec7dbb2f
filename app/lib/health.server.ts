import type { Health } from "./base/breaker";
import { SECOND_MS } from "./base/durations";
import { ConfigurationError, isUnavailable, messageOf } from "./base/errors";
import { remember } from "./base/remember";
import { type Wiring, wiring } from "./wiring.server";

/** DOOR: how the app is, for probes and whoever looks after it. No address, account or error is told; the log has those. */

const WRITE_PROBE_MS = 2 * SECOND_MS;

/** Since when it is so: instants are in ISO 8601, in UTC. */
export type StoreReport<State = Health["state"]> = { state: State; since: string; latencyMs: number | null };

export type Readiness = {
  /** Whether the database answers. Without Redis everything goes on, slower; read-only, those who are signed in go on. */
  ready: boolean;
  /** Why not, or not wholly. */
  reason?: string;
  stores: {
    database: StoreReport<Health["state"] | "read-only"> & {
      kind: Wiring["env"]["database"]["kind"];
      /** How its server is reached, where that is known. */
      connection?: "direct" | "session pooler" | "transaction pooler";
    };
    /** Null where there is none. */
    redis: StoreReport | null;
    /** What tells this instance of changes; off where nothing is remembered, or the wire cannot tell. */
    channel: { state: "open" | "closed" | "off"; since: string | null };
    /** This instance's own memory, which answers while the channel is open. */
    cache: { state: Health["state"] | "off"; since: string | null };
  };
};

/** Asks every store, and tells how it is and since when. Never throws. */
export async function checkReadiness(): Promise<Readiness> {
  const { db, redis, logger } = wiring();
  const [reading, writing, inFront] = await Promise.allSettled([
    db.call("app_session_cleanup_is_scheduled", {}, { readOnly: true }),
    // Writes no row, and is refused where writing is.
    db.call("touch_app_sessions", { p_ids: [], p_times: [] }, { timeoutMs: WRITE_PROBE_MS }),
    redis?.run((client) => client.ping()),
  ]);
  const failure = failureOf(reading) ?? misconfiguredWrite(writing);
  const stores = reportStores({ database: failure === undefined, redis: failureOf(inFront) === undefined });
  if (failure === undefined) {
    const readOnly = stores.database.state === "read-only";
    return { ready: true, ...(readOnly && { reason: "the database is read-only" }), stores };
  }
  logger.warn({ reason: messageOf(failure) }, "not ready");
  const reason =
    failure instanceof ConfigurationError
      ? "the database refuses us or lacks migrations; the log says which"
      : "the database does not answer";
  return { ready: false, reason, stores };
}

const failureOf = (result: PromiseSettledResult<unknown>): unknown =>
  result.status === "rejected" ? result.reason : undefined;

/** A write that is merely not to be had now leaves an instance that reads. */
function misconfiguredWrite(result: PromiseSettledResult<unknown>): unknown {
  const failure = failureOf(result);
  return isUnavailable(failure) ? undefined : failure;
}

function reportStores(answered: { database: boolean; redis: boolean }): Readiness["stores"] {
  const { env, db, redis, channel } = wiring();
  const open = channel?.epoch() !== undefined;
  const since = channel ? iso(channel.sinceMs()) : null;
  const caches = channel && env.sessionCache.maxEntries > 0;
  const reads = reportOf("database", db.health(), answered.database);
  const writes = db.writes();
  const readOnly = reads.state === "up" && writes.state === "down";
  const database = readOnly ? { ...reads, state: "read-only" as const, since: iso(writes.sinceMs) } : reads;
  return {
    database: { kind: env.database.kind, connection: db.connection?.known()?.mode, ...database },
    redis: redis ? reportOf("redis", redis.health(), answered.redis) : null,
    channel: { state: channel ? (open ? "open" : "closed") : "off", since },
    cache: { state: caches ? (open ? "up" : "down") : "off", since: caches ? since : null },
  };
}

/** When a store was first seen to fail that requests still ask: one answer that did not come is no outage to them. */
const failing = () => remember("failing stores", () => new Map<string, number>());

function reportOf(store: string, health: Health, answered: boolean): StoreReport {
  const { state, sinceMs, latencyMs } = health;
  const report = { latencyMs: latencyMs && Math.round(latencyMs * 100) / 100 };
  if (answered || state === "down") {
    failing().delete(store);
    return { state, since: iso(sinceMs), ...report };
  }
  const failsSinceMs = failing().get(store) ?? Date.now();
  failing().set(store, failsSinceMs);
  return { state: "down", since: iso(failsSinceMs), ...report };
}

const iso = (ms: number) => new Date(ms).toISOString();
