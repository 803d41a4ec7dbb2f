import { expect, it } from "vitest";
import type { Env } from "../../../app/lib/env.server";
import { envOf, faultLines, PRODUCTION } from "./support";

const KEY = `${"k".repeat(20)}-0123456789abcdef`;

/** Every bounded number: the least and the most it may be, whether 0 turns it off, and where it goes. */
const NUMBERS: [variable: string, least: number, most: number, zero: boolean, read: (env: Env) => number][] =
  [
    ["SESSION_MAX_AGE_SECONDS", 60, 2_592_000, false, (env) => env.sessionPolicy.maxAgeSeconds],
    ["SESSION_IDLE_TIMEOUT_SECONDS", 60, 2_592_000, true, (env) => env.sessionPolicy.idleTimeoutSeconds],
    ["SESSION_RENEWAL_LIMIT_SECONDS", 60, 31_536_000, true, (env) => env.sessionPolicy.renewalLimitSeconds],
    ["SESSION_MAX_PER_USER", 1, 1_000, true, (env) => env.sessionPolicy.maxSessionsPerUser],
    ["SESSION_ROTATION_GRACE_SECONDS", 1, 300, true, (env) => env.sessionRotationGraceSeconds],
    ["SESSION_DATA_MAX_BYTES", 1_024, 1_048_576, false, (env) => env.sessionDataMaxBytes],
    ["SESSION_EVENT_RETENTION_DAYS", 1, 3_650, false, (env) => env.sessionEventRetentionDays],
    ["SESSION_CACHE_ENTRIES", 1, 10_000_000, true, (env) => env.sessionCache.maxEntries],
    ["SESSION_CACHE_MEGABYTES", 1, 65_536, false, (env) => env.sessionCache.maxBytes / 1_048_576],
    ["SESSION_OUTAGE_SECONDS", 1, 3_600, true, (env) => env.sessionOutageMs / 1_000],
    ["RATE_LIMIT_SIGN_INS_PER_MINUTE", 1, 1_000_000, true, (env) => env.rateLimits.signIns],
    ["RATE_LIMIT_INSTALLS_PER_MINUTE", 1, 1_000_000, true, (env) => env.rateLimits.installs],
    ["RATE_LIMIT_FAILURES_PER_MINUTE", 1, 1_000_000, true, (env) => env.rateLimits.failures],
    ["RATE_LIMIT_LINKS_PER_MINUTE", 1, 1_000_000, true, (env) => env.rateLimits.links],
    ["SIGN_IN_LINK_STAFF_DAYS", 1, 365, true, (env) => env.signInLinkStaffDays],
  ];

it.each(NUMBERS)("E6: %s takes %i to %i", (variable, least, most, zero, read) => {
  for (const value of [least, most, ...(zero ? [0] : [])]) {
    expect(read(envOf({ [variable]: String(value) }))).toBe(value);
  }
  for (const value of [least - 1, most + 1, -1].filter((value) => value !== 0 || !zero)) {
    const [line, ...others] = faultLines({ [variable]: String(value) });
    expect(others).toEqual([]);
    expect(line).toMatch(new RegExp(`^${variable}: must be (at least|at most|between) `));
  }
});

it.each(["end-oldest", "refuse-new"])("R9: SESSION_AT_LIMIT=%s is understood", (choice) => {
  expect(envOf({ SESSION_AT_LIMIT: choice }).sessionPolicy.atSessionLimit).toBe(choice);
});

it("C3: the cookie's name, path, domain and SameSite", () => {
  const variables = {
    APP_URL: "https://libero.example.com",
    SESSION_COOKIE_NAME: "winery-session",
    SESSION_COOKIE_PATH: "/app",
    SESSION_COOKIE_DOMAIN: "libero.example.com",
    SESSION_COOKIE_SAME_SITE: "strict",
  };
  expect(envOf(variables).sessionCookie).toEqual({
    name: "winery-session",
    path: "/app",
    domain: "libero.example.com",
    sameSite: "strict",
  });
});

it.each([
  ["https", "https://libero.example.com"],
  ["localhost, by http", "http://localhost:3000"],
  ["a name of localhost", "http://app.localhost:3000"],
])("C3: SameSite=None where browsers take Secure cookies: %s", (_where, appUrl) => {
  const { sessionCookie } = envOf({ APP_URL: appUrl, SESSION_COOKIE_SAME_SITE: "none" });
  expect(sessionCookie.sameSite).toBe("none");
});

it("C3: but nowhere else", () => {
  expect(faultLines({ APP_URL: "http://libero.example.com", SESSION_COOKIE_SAME_SITE: "none" })).toEqual([
    expect.stringMatching(/^SESSION_COOKIE_SAME_SITE: .*https/),
  ]);
});

it("C3, R33: encryption keys are kept in their order", () => {
  const other = KEY.replaceAll("k", "j");
  expect(envOf({ SESSION_ENCRYPTION_KEY: `${KEY}, ${other}` }).sessionEncryptionSecrets).toEqual([
    KEY,
    other,
  ]);
});

it.each(["your-random-secret-key-min-32-chars", "x".repeat(64), "2818143646516f6fffd707b36f334bbb"])(
  "B3: production refuses the published encryption key %s",
  (key) => {
    expect(faultLines({ ...PRODUCTION, SESSION_ENCRYPTION_KEY: key })).toEqual([
      expect.stringMatching(/^SESSION_ENCRYPTION_KEY: is an example; make one with: node -e /),
    ]);
    expect(envOf({ SESSION_ENCRYPTION_KEY: key }).sessionEncryptionSecrets).toEqual([key]);
  },
);

it("E4: no cache where it may hold nothing", () => {
  expect(envOf({ SESSION_CACHE_ENTRIES: "0" }).sessionCache.maxEntries).toBe(0);
});
