import type { Health } from "./base/breaker";
import { ConfigurationError, messageOf } from "./base/errors";
import { wiring } from "./wiring.server";

/** DOOR: how the app is, for probes and whoever looks after it. No address, account or error is told; the log has those. */

export type StoreReport = { state: Health["state"]; since: string; latencyMs: number | null };

export type Readiness = {
  /** Whether the database answers. Without Redis everything goes on, slower. */
  ready: boolean;
  /** Why not. */
  reason?: string;
  stores: {
    database: StoreReport & { kind: string };
    /** Null where there is none. */
    redis: StoreReport | null;
    /** Whether sessions may be read from memory; off where nothing is remembered, or the wire cannot tell. */
    channel: { state: "open" | "closed" | "off"; since: string | null };
  };
};

/** Asks every store, and tells how it is and since when. Never throws. */
export async function checkReadiness(): Promise<Readiness> {
  const { db, redis, logger } = wiring();
  const [database] = await Promise.allSettled([
    db.call("app_session_cleanup_is_scheduled", {}, { readOnly: true }),
    redis?.run((client) => client.ping()),
  ]);
  if (database.status === "fulfilled") return { ready: true, stores: reportStores() };
  logger.warn({ reason: messageOf(database.reason) }, "not ready");
  const reason =
    database.reason instanceof ConfigurationError
      ? "the database refuses us or lacks migrations; the log says which"
      : "the database does not answer";
  return { ready: false, reason, stores: reportStores(reason) };
}

function reportStores(fault?: string): Readiness["stores"] {
  const { db, redis, channel } = wiring();
  const database = reportOf(db.health());
  return {
    // One answer that did not come is no outage to the breaker yet.
    database: { kind: db.kind, ...database, state: fault ? "down" : database.state },
    redis: redis ? reportOf(redis.health()) : null,
    channel: channel
      ? { state: channel.epoch() === undefined ? "closed" : "open", since: iso(channel.sinceMs()) }
      : { state: "off", since: null },
  };
}

function reportOf({ state, sinceMs, latencyMs }: Health): StoreReport {
  return { state, since: iso(sinceMs), latencyMs: latencyMs && Math.round(latencyMs * 100) / 100 };
}

const iso = (ms: number) => new Date(ms).toISOString();
