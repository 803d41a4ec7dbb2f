import { join } from "node:path";
import { systemClock } from "./base/clock";
import { createLogger, type Logger } from "./base/logger";
import { remember } from "./base/remember";
import { createSqlClientStore } from "./clients/sql-client-store";
import type { Database } from "./db/database";
import { openPglite } from "./db/pglite";
import { openPostgres } from "./db/postgres";
import { openSupabase } from "./db/supabase";
import { type Env, readEnv, takesSecureCookies } from "./env.server";
import { forgetOnUninstall } from "./session-stores/forget-on-uninstall";
import { createSqlSessionStore } from "./session-stores/sql";
import { createSqlChannel } from "./session-stores/sql-channel";
import { createCachedStore } from "./sessions/cached-store";
import { startSweeper } from "./sessions/cleanup";
import { createSessionEngine } from "./sessions/engine";

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
  const db = openDatabase(env, logger);
  const clock = systemClock;
  const channel = env.sessionCache.maxEntries > 0 ? createSqlChannel(db) : undefined;
  const sqlStore = createSqlSessionStore(db);
  const cached = channel && createCachedStore({ store: sqlStore, channel, ...env.sessionCache });
  const store = cached ?? sqlStore;
  const { sessions, activity } = createSessionEngine({
    store,
    logger,
    clock,
    secrets: env.sessionSecrets,
    encryptionSecrets: env.sessionEncryptionSecrets,
    cookie: { ...env.sessionCookie, ...sessionCookieSecurity(env) },
    policy: env.sessionPolicy,
    rotationGraceSeconds: env.sessionRotationGraceSeconds,
    dataMaxBytes: env.sessionDataMaxBytes,
  });
  let stopSweeper = async () => {};

  return {
    env,
    logger,
    clock,
    db,
    channel,
    clients: cached ? forgetOnUninstall(createSqlClientStore(db), cached) : createSqlClientStore(db),
    store,
    sessions,
    /** Brings the database up to date and starts what runs by itself. @throws ConfigurationError, UnavailableError */
    async start() {
      await db.migrate();
      channel?.start();
      stopSweeper = startSweeper({ store, logger, eventRetentionDays: env.sessionEventRetentionDays });
    },
    /** Writes what is still noted, and lets go of everything. */
    async stop() {
      await stopSweeper();
      await channel?.stop();
      await activity.flush();
      await db.close();
    },
  };
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
