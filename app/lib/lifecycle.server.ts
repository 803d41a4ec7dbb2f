import { ConfigurationError, messageOf } from "./base/errors";
import { wiring } from "./wiring.server";

/** DOOR for the server: brings the app up. @throws ConfigurationError, UnavailableError */
export const start = () => wiring().start();

/** Brings the database up to date, and starts nothing. @throws ConfigurationError, UnavailableError */
export const migrate = () => wiring().db.migrate();

/** Writes what is pending and lets go of the database. */
export const stop = () => wiring().stop();

/** Whether the database answers; the reason names no address or account, which the log has. */
export async function checkReadiness(): Promise<
  { ready: true; database: string } | { ready: false; reason: string }
> {
  const { db, logger } = wiring();
  try {
    await db.call("app_session_cleanup_is_scheduled");
    return { ready: true, database: db.kind };
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, "not ready");
    const settings = error instanceof ConfigurationError;
    return {
      ready: false,
      reason: settings
        ? "the database refuses us or lacks migrations; the log says which"
        : "the database does not answer",
    };
  }
}

/** Logs a failure that no page foresaw. The path alone: the query may hold a token. */
export function logRequestFailure(request: Request, error: unknown): void {
  const { pathname } = new URL(request.url);
  wiring().logger.error({ path: pathname, reason: messageOf(error) }, "a request failed");
}
