import { expect, it } from "vitest";
import { ConfigurationError, UnavailableError } from "../../../app/lib/base/errors";
import { databaseFailure, sqlState } from "../../../app/lib/db/failures";

const broken = new Error("it broke");

it("R31: where no server answered, it is unavailable, and the cause is kept", () => {
  const failure = databaseFailure(broken, undefined);
  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ message: "the database does not answer: it broke", cause: broken });
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

it.each(["23505", "23514", "22P02", "XX000", "PGRST102", "400"])(
  "anything else (%s) stays as it is",
  (code) => {
    expect(databaseFailure(broken, code)).toBe(broken);
  },
);

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
