import { join } from "node:path";
import { createCookieStorage } from "./adapters/cookie-session-storage";
import { createAfterwards } from "./base/afterwards";
import { type Clock, systemClock } from "./base/clock";
import { createLogger, type Logger } from "./base/logger";
import { remember } from "./base/remember";
import { createSqlClientStore } from "./clients/sql-client-store";
import type { Database } from "./db/database";
import { type GuardedDatabase, guardDatabase } from "./db/guarded";
import { openPglite, openPgliteInMemory } from "./db/pglite";
import { openPostgres } from "./db/postgres";
import { openSupabase } from "./db/supabase";
import { describeStorage } from "./env/storage";
import { type Env, readEnv, takesSecureCookies } from "./env.server";
import { createSqlHttpSessionStore } from "./http-sessions/sql";
import { createMailer } from "./mail/mailer";
import { createMetrics, type Registry } from "./observability/metrics";
import { createRateLimits } from "./rate-limits/limits";
import { openRedisLink, type RedisLink } from "./redis/link";
import { forgetOnUninstall } from "./session-stores/forget-on-uninstall";
import { createRedisChannel } from "./session-stores/redis-channel";
import { createRedisHttpSessions } from "./session-stores/redis-http-tier";
import { createRedisTier } from "./session-stores/redis-tier";
import { createSqlSessionStore } from "./session-stores/sql";
import { createSqlChannel } from "./session-stores/sql-channel";
import { createCachedStore } from "./sessions/cached-store";
import type { InvalidationChannel } from "./sessions/channel";
import { type Sweepable, startSweeper } from "./sessions/cleanup";
import { createSessionEngine, type SessionEngineOptions } from "./sessions/engine";
import type { SessionStore } from "./sessions/store";
import { createSignInLinks } from "./sign-in-links/links";
import { createMailboxHash } from "./sign-in-links/mailbox";
import { createSqlSignInLinkStore } from "./sign-in-links/sql-store";
import { createSqlStaffDirectory } from "./staff/sql-staff-directory";

export type Wiring = ReturnType<typeof wire>;

/** Everything put together, once, at the first call. Importing this file opens nothing. */
export const wiring = (): Wiring => remember("wiring", () => wire(readEnv()));

/**
 * The same for a command, whose standard output holds its answer and nothing else: it logs to standard error.
 * To be called before anything that calls `wiring`.
 */
export const commandWiring = (): Wiring => remember("wiring", () => wire(readEnv(), "stderr"));

/** Puts the rooms together. Nothing connects before the first call that needs it. */
export function wire(env: Env, logTo: "stdout" | "stderr" = "stdout") {
  const logger = createLogger(env.logLevel, logTo);
  const clock = systemClock;
  const storage = describeStorage(env);
  const db = guardDatabase(openDatabase(env, logger), logger);
  const redis = env.redis && openRedisLink({ ...env.redis, logger });
  const stores = openStores(env, { db, redis, logger });
  const { store, channel, httpSessions } = stores;
  const { sessions, activity } = openEngine(env, { store, logger, clock });
  const signIn = openSignIn(env, { db, logger, clock });
  let stopSweeper = async () => {};

  return {
    env,
    /** Where sessions live, and why. */
    storage,
    logger,
    clock,
    db,
    redis,
    ...stores,
    sessions,
    ...signIn,
    cookieSessions: openCookieSessions(env),
    /** Made when it is first asked for: it watches the process. */
    metrics: openMetrics({ db, redis, channel }),
    rateLimits: openRateLimits(env, { db, redis, logger }),
    connectRedis: () => connect(redis, logger),
    /** Brings the database up to date and starts what runs by itself. @throws ConfigurationError, UnavailableError */
    async start() {
      await db.migrate();
      await connect(redis, logger);
      channel?.start();
      stopSweeper = startSweeper({ ...sweptOf(env, store, httpSessions), logger });
      logger.info(storage);
    },
    /** Writes what is still noted, and lets go of everything. */
    async stop() {
      await Promise.all([signIn.finishLinks(), activity.flush(), stopSweeper()]);
      await channel?.stop();
      await redis?.close();
      await db.close();
    },
  };
}

async function connect(redis: RedisLink | undefined, logger: Logger): Promise<void> {
  const reason = await redis?.start();
  if (reason) logger.warn({ reason }, "Redis does not answer; everything goes on without it, slower");
}

type Rooms = { db: Database; redis: RedisLink | undefined; logger: Logger };

/**
 * `store` is the truth, and what remembers it: Redis for all instances, a cache for this one. `truth` is the database alone,
 * for whoever examines it: nothing that remembers is asked, told or changed. `httpSessions` have ids that other
 * frameworks make.
 */
function openStores(env: Env, { db, redis, logger }: Rooms) {
  const truth = createSqlSessionStore(db);
  const clients = createSqlClientStore(db);
  const http = createSqlHttpSessionStore({ db });
  const { sessionCache, sessionOutageMs } = env;
  const prefix = env.redis?.prefix ?? "";
  const caches = sessionCache.maxEntries > 0;
  const byRedis = redis && createRedisChannel({ link: redis, db, prefix, logger });
  const channel = redis || caches ? (createSqlChannel(db) ?? byRedis) : undefined;
  if (!channel) return { truth, store: truth, channel, clients, httpSessions: http };

  // Only the outermost memory that instances share can vouch for a session while the database is away.
  const tell = channel === byRedis ? byRedis?.tell : undefined;
  const tier =
    redis && createRedisTier({ store: truth, link: redis, channel, tell, prefix, vouchMs: sessionOutageMs });
  const vouchMs = tier ? 0 : sessionOutageMs;
  const cached = caches
    ? createCachedStore({ store: tier ?? truth, channel, vouchMs, ...sessionCache })
    : undefined;
  const httpSessions = redis
    ? createRedisHttpSessions({ store: http, link: redis, channel, tell, prefix })
    : http;
  const memories = [tier, cached].filter((memory) => memory !== undefined);
  const store = cached ?? tier ?? truth;
  return { truth, store, channel, clients: memories.reduce(forgetOnUninstall, clients), httpSessions };
}

/** What is cleaned up about every hour. */
function sweptOf({ sessionEventRetentionDays }: Env, store: SessionStore, ...others: Sweepable[]) {
  return { store, others, eventRetentionDays: sessionEventRetentionDays };
}

function openRateLimits({ redis: settings, rateLimits: limits }: Env, { db, redis, logger }: Rooms) {
  return createRateLimits({ redis: redis?.client, db, limits, prefix: settings?.prefix ?? "libero", logger });
}

type Measured = {
  db: GuardedDatabase;
  redis: RedisLink | undefined;
  channel: InvalidationChannel | undefined;
};

function openMetrics({ db, redis, channel }: Measured) {
  const stores = { database: db.health, ...(redis && { redis: redis.health }) };
  let metrics: Registry | undefined;
  return () => {
    metrics ??= createMetrics({ stores, channelIsOpen: () => channel?.epoch() !== undefined });
    return metrics;
  };
}

type SignInRooms = { db: Database; logger: Logger; clock: Clock };

/** Links to sign in with, whom they reach, the mail that carries them, and the work that answers do not wait for. */
function openSignIn(env: Env, { db, logger, clock }: SignInRooms) {
  const hashMailbox = createMailboxHash(env.sessionSecrets[0] as string);
  const mailer = env.mail && createMailer(env.mail);
  const afterwards = createAfterwards(logger);
  return {
    hashMailbox,
    staff: createSqlStaffDirectory(db),
    signInLinks: createSignInLinks({ store: createSqlSignInLinkStore(db), hashMailbox, clock }),
    /** Undefined where no server is named: no mail goes out. */
    mailer,
    afterwards,
    /** Sends what was promised. */
    async finishLinks() {
      await afterwards.settled();
      await mailer?.close();
    },
  };
}

/** Sessions in the browser's cookie alone, with trigger.dev's settings. */
function openCookieSessions({ mode, sessionSecrets, sessionEncryptionSecrets }: Env) {
  return createCookieStorage({
    secrets: sessionSecrets,
    encryptionSecrets: sessionEncryptionSecrets,
    secure: mode === "production",
  });
}

type EngineRooms = Pick<SessionEngineOptions, "store" | "logger" | "clock">;

function openEngine(env: Env, rooms: EngineRooms) {
  return createSessionEngine({
    ...rooms,
    secrets: env.sessionSecrets,
    encryptionSecrets: env.sessionEncryptionSecrets,
    cookie: { ...env.sessionCookie, ...sessionCookieSecurity(env) },
    policy: env.sessionPolicy,
    rotationGraceSeconds: env.sessionRotationGraceSeconds,
    dataMaxBytes: env.sessionDataMaxBytes,
  });
}

function openDatabase({ database }: Env, logger: Logger): Database {
  const migrationsFolder = join(process.cwd(), "supabase", "migrations");
  switch (database.kind) {
    case "postgres":
      return openPostgres({ ...database, migrationsFolder, logger });
    case "supabase":
      return openSupabase(database);
    case "pglite":
      return openPglite({ ...database, migrationsFolder, logger });
    case "memory":
      return openPgliteInMemory({ ...database, migrationsFolder, logger });
  }
}

/**
 * Inside the admin's iframe the app is a third party: only `SameSite=None; Secure` is sent there, and `Partitioned`
 * keeps it where third-party cookies are blocked (CHIPS).
 */
function sessionCookieSecurity({ appUrl, sessionCookie }: Env) {
  const secure = takesSecureCookies(appUrl);
  const sameSite = sessionCookie.sameSite === "auto" ? (secure ? "none" : "lax") : sessionCookie.sameSite;
  return { sameSite, secure, partitioned: secure && sameSite === "none" } as const;
}
