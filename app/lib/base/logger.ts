import { pino } from "pino";
import { currentRequestId } from "./request-context";

/** The few methods of pino that rooms use, so that a test can pass a recorder instead. */
export type Logger = Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error">;

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

const SECRET_FIELDS = ["account", "authorization", "cookie", "password", "secret", "setCookie", "token"];

/**
 * A JSON-lines logger, on standard output unless said otherwise. Lines of a request carry its id. Fields that could hold a
 * secret are cut; the first line of defense is not to log them at all.
 */
export function createLogger(level: LogLevel, to: "stdout" | "stderr" = "stdout") {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin() {
      const requestId = currentRequestId();
      return requestId === undefined ? {} : { requestId };
    },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
      censor: "[cut]",
    },
  };
  const destination = pino.destination(to === "stderr" ? 2 : 1);
  destination.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EIO") throw error;
    // Its terminal is closed. What pino does where a pipe is: nothing more is written, not even at the exit.
    const nothing = () => {};
    Object.assign(destination, { write: nothing, flushSync: nothing, end: nothing, destroy: nothing });
  });
  return pino(options, destination);
}

const MAX_LOGGED_PATH = 200;

/** The path of a request target, without the query, which may hold a token, and no longer than a line should be. */
export function loggedPath(target: string): string {
  const [path = ""] = target.split(/[?#]/, 1);
  return path.length > MAX_LOGGED_PATH ? `${path.slice(0, MAX_LOGGED_PATH)}…` : path;
}
