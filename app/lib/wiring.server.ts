import { join } from "node:path";
import { systemClock } from "./base/clock";
import { createLogger, type Logger } from "./base/logger";
import { remember } from "./base/remember";
import { createSqlClientStore } from "./clients/sql-client-store";
import type { Database } from "./db/database";
import { openPglite } from "./db/pglite";
import { openPostgres } from "./db/postgres";
import { openSupabase } from "./db/supabase";
import { type Env, readEnv } from "./env.server";
import { createSqlSessionStore } from "./session-stores/sql";
import { createActivityRecorder } from "./sessions/activity";
import { startSweeper } from "./sessions/cleanup";
import { createSessionCookie } from "./sessions/cookie";
import { createSessionManager } from "./sessions/manager";

export type Wiring = ReturnType<typeof wire>;

/** Everything put together, once, at the first call. Importing this file opens nothing. */
export const wiring = (): Wiring => remember("wiring", () => wire(readEnv()));

/** Puts the rooms together. Nothing connects before the first call that needs it. */
export function wire(env: Env) {
  const logger = createLogger(env.logLevel);
  const db = openDatabase(env, logger);
  const clock = systemClock;
  const store = createSqlSessionStore(db);
  const activity = createActivityRecorder({ store, logger });
  const cookie = createSessionCookie({
    name: "__libero_session",
    secrets: env.sessionSecrets,
    attributes: sessionCookieAttributes(env.appUrl),
  });
  const sessions = createSessionManager({
    store,
    cookie,
    activity,
    clock,
    maxAgeSeconds: env.sessionMaxAgeSeconds,
  });
  let stopSweeper = async () => {};

  return {
    env,
    logger,
    clock,
    db,
    clients: createSqlClientStore(db),
    store,
    sessions,
    /** Brings the database up to date and starts what runs by itself. @throws ConfigurationError, UnavailableError */
    async start() {
      await db.migrate();
      stopSweeper = startSweeper({ store, logger });
    },
    /** Writes what is still noted, and lets go of everything. */
    async stop() {
      await stopSweeper();
      await activity.flush();
      await db.close();
    },
  };
}

function openDatabase({ database }: Env, logger: Logger): Database {
  const migrationsFolder = join(process.cwd(), "supabase", "migrations");
  switch (database.kind) {
    case "postgres":
      return openPostgres({ url: database.url, migrationsFolder, logger });
    case "supabase":
      return openSupabase(database);
    case "pglite":
      return openPglite({ folder: database.folder, migrationsFolder, logger });
  }
}

/**
 * Inside the admin's iframe the app is a third party: only `SameSite=None; Secure` is sent there, and `Partitioned`
 * keeps it where third-party cookies are blocked (CHIPS). Browsers take `Secure` from https and from localhost.
 */
function sessionCookieAttributes({ protocol, hostname }: URL) {
  const secure = protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost");
  return secure
    ? { sameSite: "none" as const, secure: true, partitioned: true }
    : { sameSite: "lax" as const, secure: false };
}
