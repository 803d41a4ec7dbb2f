import type { Health } from "./base/breaker";
import { ConfigurationError, messageOf } from "./base/errors";
import { remember } from "./base/remember";
import { type Wiring, wiring } from "./wiring.server";

/** DOOR: how the app is, for probes and whoever looks after it. No address, account or error is told; the log has those. */

/** Since when it is so: instants are in ISO 8601, in UTC. */
export type StoreReport = { state: Health["state"]; since: string; latencyMs: number | null };

export type Readiness = {
  /** Whether the database answers. Without Redis everything goes on, slower. */
  ready: boolean;
  /** Why not. */
  reason?: string;
  stores: {
    database: StoreReport & {
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
  const [database, inFront] = await Promise.allSettled([
    db.call("app_session_cleanup_is_scheduled", {}, { readOnly: true }),
    redis?.run((client) => client.ping()),
  ]);
  const answered = { database: database.status === "fulfilled", redis: inFront.status === "fulfilled" };
  const stores = reportStores(answered);
  if (database.status === "fulfilled") return { ready: true, stores };
  logger.warn({ reason: messageOf(database.reason) }, "not ready");
  const reason =
    database.reason instanceof ConfigurationError
      ? "the database refuses us or lacks migrations; the log says which"
      : "the database does not answer";
  return { ready: false, reason, stores };
}

function reportStores(answered: { database: boolean; redis: boolean }): Readiness["stores"] {
  const { env, db, redis, channel } = wiring();
  const open = channel?.epoch() !== undefined;
  const since = channel ? iso(channel.sinceMs()) : null;
  const caches = channel && env.sessionCache.maxEntries > 0;
  return {
    database: {
      kind: env.database.kind,
      connection: db.connection?.known()?.mode,
      ...reportOf("database", db.health(), answered.database),
    },
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
