import { systemClock } from "./base/clock";
import { createLogger, type Logger } from "./base/logger";
import { remember } from "./base/remember";
import { type GuardedDatabase, guardDatabase } from "./db/guarded";
import { describeStorage } from "./env/storage";
import { type Env, readEnv } from "./env.server";
import { createMetrics, type Registry } from "./observability/metrics";
import { createRefusalLog } from "./observability/refusals";
import { createRateLimits } from "./rate-limits/limits";
import { openRedisLink, type RedisLink } from "./redis/link";
import type { InvalidationChannel } from "./sessions/channel";
import { startSweeper } from "./sessions/cleanup";
import { openSealed } from "./wiring/sealed";
import { openEngine } from "./wiring/sessions";
import { openSignIn } from "./wiring/sign-in";
import { openDatabase, openStores, type Rooms, sweptOf } from "./wiring/stores";

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
  const storage = describeStorage(env);
  const db = guardDatabase(openDatabase(env, logger), logger);
  const redis = env.redis && openRedisLink({ ...env.redis, logger });
  const stores = openStores(env, { db, redis, logger });
  const { store, channel, httpSessions } = stores;
  const { sessions, activity } = openEngine(env, { store, logger, clock: systemClock });
  const sealed = openSealed(env, { db, logger });
  const signIn = openSignIn(env, { db, logger, clock: systemClock });
  let stopSweeper = async () => {};

  return {
    env,
    /** Where sessions live, and why. */
    storage,
    logger,
    clock: systemClock,
    db,
    redis,
    ...stores,
    sessions,
    ...signIn,
    /** Made when it is first asked for: it watches the process. */
    metrics: openMetrics({ db, redis, channel }),
    ...openRefusals(env, { db, redis, logger }),
    ...sealed,
    connectRedis: () => connect(redis, logger),
    /** Brings the database up to date and starts what runs by itself. @throws ConfigurationError, UnavailableError */
    async start() {
      await db.migrate();
      await connect(redis, logger);
      channel?.start();
      stopSweeper = startSweeper({ ...sweptOf(env, db, store, httpSessions), logger });
      logger.info(storage);
    },
    /** Writes what is still noted, and lets go of everything. */
    async stop() {
      await Promise.all([signIn.finishLinks(), activity.flush(), stopSweeper(), sealed.vault.stop()]);
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

/** What is refused for its number, and the log of what is refused for any reason. */
function openRefusals({ redis: settings, rateLimits: limits }: Env, { db, redis, logger }: Rooms) {
  const prefix = settings?.prefix ?? "libero";
  return {
    rateLimits: createRateLimits({ redis: redis?.client, db, limits, prefix, logger }),
    logRefusal: createRefusalLog(logger),
  };
}

type Measured = {
  db: GuardedDatabase;
  redis: RedisLink | undefined;
  channel: InvalidationChannel | undefined;
};

function openMetrics({ db, redis, channel }: Measured) {
  const stores = { database: db.health, database_writes: db.writes, ...(redis && { redis: redis.health }) };
  let metrics: Registry | undefined;
  return () => {
    metrics ??= createMetrics({ stores, channelIsOpen: () => channel?.epoch() !== undefined });
    return metrics;
  };
}
