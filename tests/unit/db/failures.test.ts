import { expect, it } from "vitest";
import { ConfigurationError, type Unavailability, UnavailableError } from "../../../app/lib/base/errors";
import { databaseFailure, isBrokenConnection, sqlState } from "../../../app/lib/db/failures";

const broken = new Error("it broke");

it("R31: where no server answered, it is unavailable, and the cause is kept", () => {
  const failure = databaseFailure(broken, undefined);
  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ message: "the database does not answer: it broke", cause: broken });
});

const KINDS: [kind: Unavailability, what: string, code: string][] = [
  ["outage", "connection failure", "08006"],
  ["outage", "too many connections", "53300"],
  ["outage", "an idle transaction's limit", "25P03"],
  ["outage", "a database that takes no connections", "55000"],
  ["outage", "shut down", "57P01"],
  ["outage", "crashed", "57P02"],
  ["outage", "starting", "57P03"],
  ["timeout", "statement_timeout", "57014"],
  ["outage", "PostgREST without its database", "PGRST000"],
  ["outage", "PostgREST's pool timed out", "PGRST003"],
  ["outage", "a gateway's limit", "429"],
  ["read-only", "a read-only transaction", "25006"],
  ["conflict", "serialization failure", "40001"],
  ["conflict", "deadlock", "40P01"],
  ["conflict", "lock not available", "55P03"],
  ["failed", "a commit of which nobody knows", "40003"],
  ["failed", "disk full", "53100"],
  ["failed", "out of memory", "53200"],
  ["failed", "I/O error", "58030"],
  ["failed", "internal error", "XX000"],
  ["failed", "data corrupted", "XX001"],
  ["failed", "PostgREST's own fault", "PGRSTX00"],
];

it.each(KINDS)("is unavailable, as %s: %s (%s)", (kind, _what, code) => {
  expect(databaseFailure(broken, code)).toMatchObject({ name: "UnavailableError", kind, cause: broken });
});

it("a hot standby is read-only, where it says so as PostgREST's transaction or an unlogged table has it", () => {
  const refused = new Error("cannot set transaction read-write mode during recovery");
  expect(databaseFailure(refused, "0A000")).toMatchObject({ kind: "read-only" });
});

it("an address where no PostgREST answers is a fault of SUPABASE_URL", () => {
  const failure = databaseFailure(broken, "404");
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect(failure.message).toContain("SUPABASE_URL must be your project's address");
});

it.each([
  ["57P01", true],
  ["57P02", true],
  ["57P05", true],
  ["25P03", true],
  ["ECONNRESET", true],
  ["57014", false],
  ["40001", false],
  ["25006", false],
])("whether another connection may answer, after %s: %s", (code, another) => {
  expect(isBrokenConnection(Object.assign(new Error("x"), { code }))).toBe(another);
});

it.each([
  ["connection failure", "08006"],
  ["protocol violation", "08P01"],
  ["too many connections", "53300"],
  ["disk full", "53100"],
  ["shutting down", "57P01"],
  ["starting up", "57P03"],
  ["cancelled", "57014"],
  ["I/O error", "58030"],
  ["PostgREST without its database", "PGRST000"],
  ["PostgREST's pool timed out", "PGRST003"],
])("R31: a server that says not now (%s) is unavailable", (_what, code) => {
  expect(databaseFailure(broken, code)).toBeInstanceOf(UnavailableError);
});

it.each([
  ["no such function", "42883"],
  ["no such table", "42P01"],
  ["no such function, says PostgREST", "PGRST202"],
])(
  "a schema that is not there (%s) is a fault of the configuration, and the mend is a command",
  (_what, code) => {
    const failure = databaseFailure(broken, code);
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure.message).toMatch(/lacks Libero's migrations \(it broke\).*supabase db push/);
  },
);

it.each([
  ["a wrong password", "28P01"],
  ["a role that may not sign in", "28000"],
  ["no such database", "3D000"],
  ["a key without the rights", "42501"],
  ["a key that PostgREST does not know", "PGRST301"],
  ["a key that the gateway does not know", "401"],
])(
  "a database that refuses us (%s) is a fault of the configuration, and the mend names the variables",
  (_what, code) => {
    const failure = databaseFailure(broken, code);
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure.message).toMatch(/refuses us \(it broke\).*DATABASE_URL.*SUPABASE_SECRET_KEY/);
  },
);

it.each([
  "23505",
  "23514",
  "22P02",
  "42601",
  "0A000",
  "54001",
  "P0001",
  "PGRST102",
  "PGRST203",
  "400",
  "406",
])("anything else (%s) stays as it is", (code) => {
  expect(databaseFailure(broken, code)).toBe(broken);
});

it("what was thrown may be no error at all", () => {
  expect(databaseFailure("gone", "23505")).toEqual(new Error("gone"));
  expect(databaseFailure(null, undefined)).toBeInstanceOf(UnavailableError);
});

it.each(["08006", "23505", "42P01", "57P01", "P0001", "XX000"])("%s is an SQLSTATE", (code) => {
  expect(sqlState(Object.assign(new Error("x"), { code }))).toBe(code);
});

it.each([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EPIPE",
  "EPERM",
  "EBUSY",
  7,
  undefined,
  null,
  "",
])("%j is none: no server answered", (code) => {
  expect(sqlState(Object.assign(new Error("x"), { code }))).toBeUndefined();
});

it.each([undefined, null, "23505", 7])("%j has none", (thrown) => {
  expect(sqlState(thrown)).toBeUndefined();
});
