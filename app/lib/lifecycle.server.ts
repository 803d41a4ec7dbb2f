import { messageOf } from "./base/errors";
import { wiring } from "./wiring.server";

/** DOOR for the server: brings the app up. @throws ConfigurationError, UnavailableError */
export const start = () => wiring().start();

/** Brings the database up to date, and starts nothing. @throws ConfigurationError, UnavailableError */
export const migrate = () => wiring().db.migrate();

/** Writes what is pending and lets go of the database. */
export const stop = () => wiring().stop();

/** Logs an error that no page foresaw, with its stack. Of the address the path alone: the query may hold a token. */
export function logUnexpectedError(request: Request, error: unknown): void {
  const err = error instanceof Error ? error : new Error(messageOf(error));
  wiring().logger.error({ path: loggedPath(request.url), err }, "request failed");
}

/** Of an address, its path, no longer than a line should be. */
function loggedPath(url: string): string {
  return new URL(url).pathname.slice(0, 200);
}
