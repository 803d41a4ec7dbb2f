import { ConfigurationError, messageOf, type Unavailability, UnavailableError } from "../base/errors";
import { connectionFailure } from "./connection-hints";

type Meaning = Unavailability | "refused" | "forbidden" | "elsewhere" | "not-migrated";

/**
 * What a code means: a SQLSTATE or its class (PostgreSQL, Appendix A), PostgREST's code or its group (PostgREST, Errors),
 * or the HTTP status of a gateway that answered in PostgREST's place. What is not here is a fault of the call's own.
 */
const MEANINGS: Record<string, Meaning> = {
  /** Connections: broken, refused, or a pooler's "not now". */
  "08": "outage",
  /** States of a transaction: ours are single statements, so a connection was left in a state that is not ours. */
  "25": "failed",
  "25006": "read-only",
  "25P03": "outage",
  "25P04": "outage",
  "28": "refused",
  "3D": "refused",
  "3F": "not-migrated",
  /** Rolled back: by the server's own account, except where it does not know. */
  "40": "failed",
  "40001": "conflict",
  "40P01": "conflict",
  "42501": "forbidden",
  "42883": "not-migrated",
  "42P01": "not-migrated",
  /** Resources: disk and memory fail a call; connections that ran out fail all of them. */
  "53": "failed",
  "53300": "outage",
  /** Not in the state that the call needs: a database that takes no connections. */
  "55": "outage",
  "55006": "failed",
  "55P03": "conflict",
  /** Stopped, starting, dropped. */
  "57": "outage",
  /** Cancelled, as by statement_timeout: the server answers, and other calls may be quicker. */
  "57014": "timeout",
  "58": "failed",
  "72": "conflict",
  F0: "failed",
  /** The server's own faults: internal errors, damaged data. */
  XX: "failed",
  PGRST0: "outage",
  PGRST106: "refused",
  PGRST202: "not-migrated",
  PGRST3: "refused",
  PGRSTX: "failed",
  "401": "refused",
  "402": "refused",
  "403": "refused",
  "404": "elsewhere",
  "405": "elsewhere",
  "408": "outage",
  "429": "outage",
};

const UNAVAILABLE: Record<Unavailability, string> = {
  outage: "the database cannot answer now",
  "read-only": "the database is read-only",
  conflict: "the database chose another transaction over this one",
  failed: "the database failed",
  timeout: "the database took too long",
};

const MISCONFIGURED: Record<Exclude<Meaning, Unavailability>, (message: string) => string> = {
  refused: (message) =>
    `the database refuses us (${message}); check DATABASE_URL, or SUPABASE_URL and SUPABASE_SECRET_KEY`,
  forbidden: (message) =>
    `the database refuses us (${message}); grant the role what it lacks, or name another in DATABASE_URL ` +
    `or SUPABASE_SECRET_KEY`,
  elsewhere: (message) =>
    `no PostgREST answers there (${message}); SUPABASE_URL must be your project's address, like https://abc.supabase.co`,
  "not-migrated": (message) =>
    `the database lacks Libero's migrations (${message}); run "npm run db:migrate", or "supabase db push"`,
};

/**
 * Sorts a driver's error into what the app can act on.
 * @param code SQLSTATE, PostgREST's code or a gateway's HTTP status; undefined where no server answered
 */
export function databaseFailure(error: unknown, code: string | undefined): Error {
  const known = connectionFailure(error);
  if (known) return known;
  const message = messageOf(error);
  if (code === undefined) return unanswered(error, message);
  const meaning = meaningOf(code, message);
  if (meaning === undefined) return error instanceof Error ? error : new Error(message);
  if (meaning in UNAVAILABLE) {
    const kind = meaning as Unavailability;
    return new UnavailableError(`${UNAVAILABLE[kind]}: ${message}`, { kind, cause: error });
  }
  const explain = MISCONFIGURED[meaning as keyof typeof MISCONFIGURED];
  return new ConfigurationError(explain(message), { cause: error });
}

/** A server that cannot prove who it is, or cannot encrypt, will not learn it by itself. */
function unanswered(error: unknown, message: string): Error {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === "string" && UNTRUSTED.test(code)) {
    const fix =
      "name its authority in DATABASE_URL (sslrootcert=<file>) or NODE_EXTRA_CA_CERTS, and its host as the certificate does";
    return new ConfigurationError(`the database's certificate is not trusted (${message}); ${fix}`, {
      cause: error,
    });
  }
  if (message.includes("does not support SSL")) {
    return new ConfigurationError(
      `the database does not encrypt (${message}); leave sslmode out of DATABASE_URL`,
      {
        cause: error,
      },
    );
  }
  return new UnavailableError(`the database does not answer: ${message}`, { cause: error });
}

/** OpenSSL's verdicts on a certificate, and Node's on its names. */
const UNTRUSTED = /CERT_|_CERT|UNABLE_TO_VERIFY|TLS_CERT/;

function meaningOf(code: string, message: string): Meaning | undefined {
  // A hot standby refuses PostgREST's "begin … read write", and a read of an unlogged table, as "not supported".
  if (code === "0A000" && message.includes("during recovery")) return "read-only";
  return MEANINGS[code] ?? MEANINGS[groupOf(code)];
}

/** The class of a SQLSTATE, the group of PostgREST's code. An HTTP status has neither. */
function groupOf(code: string): string {
  if (code.startsWith("PGRST")) return code.slice(0, "PGRST0".length);
  return code.length === SQLSTATE_LENGTH ? code.slice(0, 2) : code;
}

const SQLSTATE_LENGTH = 5;

/** The server ended the connection: an administrator, a crash beside it, or a limit on idle sessions or transactions. */
const ENDED_BY_SERVER = new Set(["57P01", "57P02", "57P05", "25P03", "25P04", "08003", "08006"]);

/**
 * Whether the connection broke, where another one may answer: an administrator ended it, the server stopped under it,
 * or the network did.
 */
export function isBrokenConnection(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return (
    ENDED_BY_SERVER.has(code) ||
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
