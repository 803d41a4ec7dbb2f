import { describe, expect, it } from "vitest";
import { ConfigurationError, UnavailableError } from "../../../app/lib/base/errors";
import { connectionFailure } from "../../../app/lib/db/connection-hints";

const sqlError = (code: string, message: string) => Object.assign(new Error(message), { code });

describe("a server or pooler that takes no more connections", () => {
  it.each([
    ["PostgreSQL", "53300", "sorry, too many clients already"],
    ["PostgreSQL", "53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute"],
    ["PostgreSQL", "53300", 'too many connections for role "libero"'],
    ["PgBouncer", "08P01", "no more connections allowed (max_client_conn)"],
    ["PgBouncer", "08P01", "query_wait_timeout"],
    ["PgBouncer, of the server", "08P01", "sorry, too many clients already"],
    ["PgBouncer, of the server", "08P01", 'too many connections for role "libero"'],
    ["Supavisor", "XX000", "Max client connections reached"],
    [
      "Supavisor",
      "XX000",
      "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
    ],
    ["Supavisor 2", "XX000", "(EMAXCONN) max client connections reached, limit: 200"],
    [
      "Supavisor 2",
      "XX000",
      "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
    ],
    [
      "Supavisor 2",
      "XX000",
      "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 5000ms in Transaction mode",
    ],
  ])("%s (%s): %s", (_who, code, message) => {
    const error = sqlError(code, message);
    const failure = connectionFailure(error);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure?.message).toContain(message);
    expect(failure?.message).toContain("DATABASE_POOL_MAX");
    expect(failure?.cause).toBe(error);
  });
});

describe("a pooler that refuses us is a fault of the configuration", () => {
  it.each([
    [
      "08P01",
      "unsupported startup parameter: statement_timeout",
      /statement_timeout: take it out of DATABASE_URL/,
    ],
    ["08P01", "unsupported startup parameter in options: search_path", /search_path: take it out/],
    [
      "08P01",
      "transaction blocks not allowed in statement pooling mode",
      /migrations need DATABASE_DIRECT_URL/,
    ],
    ["08P01", "password authentication failed", /check user, password and database in DATABASE_URL/],
    ["08P01", "no such database: libero", /check user, password and database/],
    ["XX000", "Tenant or user not found", /check user, password and database/],
  ])("%s: %s", (code, message, says) => {
    const failure = connectionFailure(sqlError(code, message));
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure?.message).toMatch(says);
  });
});

/** As Node makes it, and as users of Supabase report it: "connect ENETUNREACH 2600:1f1e:…:5432 - Local (:::0)". */
const systemError = (code: string, fields: object, message: string) =>
  Object.assign(new Error(message), { errno: -101, code, ...fields });

const IPV6 = "2a05:d014:1c06:5f00:1234:5678:9abc:def0";
const noRoute = (code: string, address = IPV6) =>
  systemError(
    code,
    { syscall: "connect", address, port: 5432 },
    `connect ${code} ${address}:5432 - Local (:::0)`,
  );
const notFound = (hostname: string) =>
  systemError("ENOTFOUND", { syscall: "getaddrinfo", hostname }, `getaddrinfo ENOTFOUND ${hostname}`);

describe("a host with an IPv6 address alone, and a machine with IPv4 alone", () => {
  it.each(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"])("%s: says so, and what to use", (code) => {
    const failure = connectionFailure(noRoute(code));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure?.message).toMatch(
      new RegExp(
        `only an IPv6 address \\(${IPV6}\\).*${code}.*DATABASE_URL and DATABASE_DIRECT_URL.*session pooler.*pooler\\.supabase\\.com:5432`,
      ),
    );
  });

  it("several IPv6 addresses, which Node tries one after the other", () => {
    const error = new AggregateError([noRoute("ENETUNREACH"), noRoute("EHOSTUNREACH", "2a05::1")]);
    expect(connectionFailure(error)?.message).toContain("only an IPv6 address");
  });

  it("a host of Supabase's that a resolver without IPv6 does not find", () => {
    const failure = connectionFailure(notFound("db.abcdefghijklmnopqrst.supabase.co"));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure?.message).toMatch(/only an IPv6 address.*paused.*session pooler/);
  });
});

it.each([
  [
    "a host that has IPv4 as well",
    new AggregateError([noRoute("ENETUNREACH"), noRoute("EHOSTUNREACH", "10.0.0.7")]),
  ],
  ["an IPv4 network that is away", noRoute("ENETUNREACH", "10.0.0.7")],
  ["a server that does not listen", noRoute("ECONNREFUSED")],
  ["a host of another name", notFound("db.internal")],
  ["Supabase's pooler by a wrong name", notFound("aws-9-nowhere.pooler.supabase.com")],
  ["a violation of the protocol", sqlError("08P01", "invalid frontend message type 0")],
  ["an internal error", sqlError("XX000", "cache lookup failed for function 7")],
  ["a value that reads like it", sqlError("22P02", 'invalid input: "max clients reached"')],
  ["an error of no kind", undefined],
])("%s: nothing more to say", (_what, error) => {
  expect(connectionFailure(error)).toBeUndefined();
});
