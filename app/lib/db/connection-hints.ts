import { isIPv6 } from "node:net";
import { ConfigurationError, messageOf, UnavailableError } from "../base/errors";

/**
 * An error of connecting for which there is more to say than that the database does not answer.
 * @param error as node-postgres throws it
 * @returns undefined for any other error
 */
export function connectionFailure(error: unknown): Error | undefined {
  const options = { cause: error };
  const refusal = startupParameterHint(error) ?? statementPoolerHint(error) ?? refusalHint(error);
  if (refusal) return new ConfigurationError(refusal, options);
  const hint = connectionLimitHint(error) ?? ipv6Hint(error);
  return hint === undefined ? undefined : new UnavailableError(hint, options);
}

/** `too_many_connections` (PostgreSQL, Appendix A). */
const TOO_MANY_CONNECTIONS = "53300";

/** The SQLSTATEs of what poolers say themselves, and of what they relay of the server's: PgBouncer 08P01, Supavisor XX000. */
const POOLER_STATES = ["08P01", "XX000"];

/**
 * PgBouncer: `no more connections allowed (max_client_conn)`, `query_wait_timeout`. Supavisor: `Max client connections reached`,
 * `MaxClientsInSessionMode: max clients reached`, and since 2.0 the codes EMAXCONN, EMAXCONNSESSION, ECHECKOUTTIMEOUT. The last three
 * are PostgreSQL's own messages.
 */
const TAKES_NO_MORE = [
  /no more connections allowed/,
  /query_wait_timeout/,
  /max client(s| connections) reached/i,
  /EMAXCONN|ECHECKOUTTIMEOUT|unable to check ?out/i,
  /too many connections for/,
  /too many clients already/,
  /remaining connection slots are reserved/,
];

const saidByPooler = ({ code, message }: ReturnType<typeof parts>, patterns: RegExp[]) =>
  POOLER_STATES.includes(code) && patterns.some((pattern) => pattern.test(message));

/** What to do where the server, or a pooler in front of it, takes no more connections. */
function connectionLimitHint(error: unknown): string | undefined {
  const known = parts(error);
  if (known.code !== TOO_MANY_CONNECTIONS && !saidByPooler(known, TAKES_NO_MORE)) return undefined;
  return (
    `the database takes no more connections (${known.message}): lower DATABASE_POOL_MAX, run fewer instances, ` +
    `or raise the limit of the server or of the pooler in front of it`
  );
}

/** A pooler refuses settings that it would have to keep for each client. */
function startupParameterHint(error: unknown): string | undefined {
  const { code, message } = parts(error);
  const [, parameter] = /^unsupported startup parameter(?: in options)?: (\w+)/.exec(message) ?? [];
  if (code !== "08P01" || !parameter) return undefined;
  return (
    `the pooler in front of the database refuses the setting ${parameter}: take it out of DATABASE_URL and ` +
    `PGOPTIONS, or name it in the pooler's ignore_startup_parameters`
  );
}

/** Whether a pooler refused a transaction, because it hands the server connection on after each statement. */
export function isStatementPooler(error: unknown): boolean {
  return saidByPooler(parts(error), [/transaction blocks not allowed in statement pooling mode/]);
}

/** Single calls get through such a pooler; a migration does not. */
function statementPoolerHint(error: unknown): string | undefined {
  if (!isStatementPooler(error)) return undefined;
  return "the pooler in front of the database pools statements, so migrations need DATABASE_DIRECT_URL, or pool_mode = transaction";
}

/** PgBouncer and Supavisor, where PostgreSQL would answer with a code of class 28 or 3D. */
const REFUSED = [
  /authentication failed/i,
  /no such (user|database)/,
  /Tenant or user not found/i,
  /(database|role) ".*" does not exist/,
];

/** A pooler does not know the user, the password or the database. */
function refusalHint(error: unknown): string | undefined {
  const known = parts(error);
  if (!saidByPooler(known, REFUSED)) return undefined;
  return `the pooler in front of the database refuses us (${known.message}); check user, password and database in DATABASE_URL`;
}

const NO_ROUTE = ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"];

/** Supabase's direct host, which has no IPv4 address without the add-on. */
const SUPABASE_DIRECT_HOST = /^db\.[a-z0-9]+\.supabase\.co$/;

const USE_SESSION_POOLER =
  "use an address with IPv4 in DATABASE_URL and DATABASE_DIRECT_URL, on Supabase the session pooler's " +
  "(aws-0-<region>.pooler.supabase.com:5432, under Connect in the dashboard)";

/** What to do where a host has only an IPv6 address and this machine has only IPv4. */
function ipv6Hint(error: unknown): string | undefined {
  // Where a host has several addresses, Node tries them all and gathers the errors.
  const attempts = (error instanceof AggregateError ? error.errors : [error]).map(parts);
  const [{ code, hostname, address } = parts(undefined)] = attempts;
  if (attempts.every((attempt) => NO_ROUTE.includes(attempt.code) && isIPv6(attempt.address))) {
    return `the database's host has only an IPv6 address (${address}), which this machine has no route to (${code}): ${USE_SESSION_POOLER}`;
  }
  if (code === "ENOTFOUND" && SUPABASE_DIRECT_HOST.test(hostname)) {
    return `${hostname} is not found: it has only an IPv6 address, and none while the project is paused; from a machine with IPv4 alone, ${USE_SESSION_POOLER}`;
  }
  return undefined;
}

/** The properties that node-postgres and Node put on errors. */
function parts(error: unknown) {
  const { code, address, hostname } = (error ?? {}) as Record<string, unknown>;
  return {
    code: String(code ?? ""),
    address: String(address ?? ""),
    hostname: String(hostname ?? ""),
    message: messageOf(error),
  };
}
