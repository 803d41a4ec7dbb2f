import { ConfigurationError, messageOf, UnavailableError } from "../base/errors";
import { connectionFailure } from "./connection-hints";

const NOT_MIGRATED = new Set(["42883", "42P01", "PGRST202"]);

/** A wrong password, role, key or database name, or one without the rights: SQLSTATE, PostgREST's code or HTTP status. */
const REFUSALS = ["28", "3D", "42501", "PGRST3", "401", "403"];

/** SQLSTATE classes that say "not now": connection, resources, operator intervention, system error. */
const PASSING_CLASSES = ["08", "53", "57", "58"];

/**
 * Sorts a driver's error into what the app can act on.
 * @param code SQLSTATE (PostgreSQL, Appendix A) or PostgREST's code; undefined where no server answered
 */
export function databaseFailure(error: unknown, code: string | undefined): Error {
  const known = connectionFailure(error);
  if (known) return known;
  const message = messageOf(error);
  if (code === undefined)
    return new UnavailableError(`the database does not answer: ${message}`, { cause: error });
  if (NOT_MIGRATED.has(code)) {
    return new ConfigurationError(
      `the database lacks Libero's migrations (${message}); run "npm run db:migrate", or "supabase db push"`,
      { cause: error },
    );
  }
  if (REFUSALS.some((refusal) => code.startsWith(refusal))) {
    const mend = "check DATABASE_URL, or SUPABASE_URL and SUPABASE_SECRET_KEY";
    return new ConfigurationError(`the database refuses us (${message}); ${mend}`, { cause: error });
  }
  if (PASSING_CLASSES.some((passing) => code.startsWith(passing)) || code.startsWith("PGRST0")) {
    return new UnavailableError(`the database cannot answer now: ${message}`, { cause: error });
  }
  return error instanceof Error ? error : new Error(message);
}

/**
 * Whether the connection broke, where another one may answer: an administrator ended it, the server stopped under it,
 * or the network did.
 */
export function isBrokenConnection(error: unknown): boolean {
  const { code, message = "" } = error as { code?: string; message?: string };
  return (
    code === "57P01" ||
    code === "ECONNRESET" ||
    code === "EPIPE" ||
    message.startsWith("Connection terminated")
  );
}

/** The SQLSTATE that node-postgres and PGlite put on their errors; system errors (`EPIPE`) look alike and are none. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : undefined;
}
