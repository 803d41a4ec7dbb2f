import { expect, vi } from "vitest";
import type { ClientStore } from "../../app/lib/clients/client-store";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import type { Database } from "../../app/lib/db/database";
import { parseRedisAddress, type RedisAddress } from "../../app/lib/redis/address";
import { openRedisLink } from "../../app/lib/redis/link";
import { forgetOnUninstall } from "../../app/lib/session-stores/forget-on-uninstall";
import { createRedisChannel } from "../../app/lib/session-stores/redis-channel";
import { createRedisTier } from "../../app/lib/session-stores/redis-tier";
import { createSqlSessionStore } from "../../app/lib/session-stores/sql";
import { createSqlChannel } from "../../app/lib/session-stores/sql-channel";
import { createCachedStore } from "../../app/lib/sessions/cached-store";
import type { InvalidationChannel } from "../../app/lib/sessions/channel";
import type { SessionStore } from "../../app/lib/sessions/store";
import { createSqlStaffDirectory } from "../../app/lib/staff/sql-staff-directory";
import type { StaffDirectory } from "../../app/lib/staff/staff-directory";
import { silentLogger } from "./silent-logger";

/** What the contract suites run against. */
export type StoresUnderTest = {
  clients: ClientStore;
  sessions: SessionStore;
  /** The same sessions as several instances of the app see them, `sessions` being the first. */
  workers: SessionStore[];
  /** Forgets everything, so that each test has a fresh store. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** The SQL stores over a wire, or over several to the same database. */
export function sqlStores(
  db: Database,
  ...others: Database[]
): Pick<StoresUnderTest, "clients" | "sessions" | "workers"> & { staff: StaffDirectory } {
  const sessions = createSqlSessionStore(db);
  const workers = [sessions, ...others.map(createSqlSessionStore)];
  return { clients: createSqlClientStore(db), sessions, workers, staff: createSqlStaffDirectory(db) };
}

/** One instance of the app with its cache, over a database of its own wire; ready when its channel is open. */
export async function cachedStores(db: Database) {
  const channel = createSqlChannel(db) as InvalidationChannel;
  const store = createSqlSessionStore(db);
  const sessions = createCachedStore({ store, channel, maxEntries: 1_000, maxBytes: 10_000_000 });
  const clients = forgetOnUninstall(createSqlClientStore(db), sessions);
  channel.start();
  await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), { timeout: 10_000 });
  return { clients, sessions, channel, close: () => channel.stop().then(() => db.close()) };
}

type TieredOptions = { redisUrl: string; prefix: string; cache?: boolean };

/** One instance of the app with Redis between it and a database, over a wire of its own; ready when its channel is open. */
export async function tieredStores(db: Database, { redisUrl, prefix, cache = false }: TieredOptions) {
  const address = parseRedisAddress(redisUrl) as RedisAddress;
  const link = openRedisLink({ address, timeoutMs: 250, logger: silentLogger });
  await link.start();
  const sqlChannel = createSqlChannel(db);
  const byRedis = createRedisChannel({ link, db, prefix, logger: silentLogger });
  const channel = sqlChannel ?? byRedis;
  const tell = sqlChannel ? undefined : byRedis.tell;
  const tier = createRedisTier({ store: createSqlSessionStore(db), link, channel, tell, prefix, vouchMs: 0 });
  const cached = createCachedStore({ store: tier, channel, maxEntries: 1_000, maxBytes: 10_000_000 });
  channel.start();
  await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), { timeout: 10_000 });
  return {
    clients: forgetOnUninstall(forgetOnUninstall(createSqlClientStore(db), tier), cached),
    sessions: cache ? cached : (tier as SessionStore),
    channel,
    link,
    async close() {
      await channel.stop();
      await link.close();
      await db.close();
    },
  };
}
