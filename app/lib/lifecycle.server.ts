import { messageOf } from "./base/errors";
import { wiring } from "./wiring.server";

/** DOOR for the server: brings the app up. @throws ConfigurationError, UnavailableError */
export const start = () => wiring().start();

/** Brings the database up to date, and starts nothing. @throws ConfigurationError, UnavailableError */
export const migrate = () => wiring().db.migrate();

/** Writes what is pending and lets go of the database. */
export const stop = () => wiring().stop();

/** Logs a failure that no page foresaw. The path alone: the query may hold a token. */
export function logRequestFailure(request: Request, error: unknown): void {
  const { pathname } = new URL(request.url);
  wiring().logger.error({ path: pathname, reason: messageOf(error) }, "a request failed");
}
