import { messageOf } from "./base/errors";
import { loggedPath } from "./base/logger";
import { wiring } from "./wiring.server";

/** DOOR for the server: brings the app up. @throws ConfigurationError, UnavailableError */
export const start = () => wiring().start();

/** Brings the database up to date, and starts nothing. @throws ConfigurationError, UnavailableError */
export const migrate = () => wiring().db.migrate();

/** Writes what is pending and lets go of the database. */
export const stop = () => wiring().stop();

/** Logs an error that no page foresaw, with its stack. */
export function logUnexpectedError(request: Request, error: unknown): void {
  const err = error instanceof Error ? error : new Error(messageOf(error));
  wiring().logger.error({ path: loggedPath(new URL(request.url).pathname), err }, "request failed");
}
