import { expect, it } from "vitest";
import { envOf } from "./support";

it("needs nothing configured in development", () => {
  expect(envOf()).toEqual({
    mode: "development",
    port: 3000,
    host: "localhost",
    appUrl: new URL("http://localhost:3000"),
    sessionSecrets: [expect.stringMatching(/^.{32,}$/)],
    sessionEncryptionSecrets: undefined,
    tokenEncryptionKeys: [expect.stringMatching(/^.{32,}$/)],
    sessionCookie: { name: "__libero_session", path: "/", domain: undefined, sameSite: "auto" },
    cookieSessionName: "__session",
    adminRoles: ["Admin Owner", "Admin"],
    sessionPolicy: {
      maxAgeSeconds: 28_800,
      idleTimeoutSeconds: 7_200,
      renewalLimitSeconds: 0,
      maxSessionsPerUser: 0,
      atSessionLimit: "end-oldest",
    },
    sessionRotationGraceSeconds: 10,
    sessionDataMaxBytes: 65_536,
    sessionEventRetentionDays: 90,
    sessionCache: { maxEntries: 10_000, maxBytes: 67_108_864 },
    database: { kind: "pglite", folder: ".data/libero", schema: "public" },
    redis: undefined,
    sessionOutageMs: 60_000,
    commerce7: {
      apiUrl: "https://api.commerce7.com/v1",
      frameAncestors: ["https://*.commerce7.com"],
      scriptUrl: "https://dev-center.platform.commerce7.com/v2/commerce7.js",
      timeoutMs: 8_000,
      username: "libero",
      password: "libero-development-password",
    },
    mail: undefined,
    operatorEmails: [],
    operatorIdleTimeoutMs: 1_800_000,
    signInLinkStaffDays: 30,
    trustProxy: false,
    rateLimits: { signIns: 60, installs: 60, failures: 20, links: 5, mailsPerHour: 20 },
    metricsToken: undefined,
    logLevel: "info",
    problems: [],
  });
});

it("an empty value, or one of white space, is one that is not set", () => {
  const names = [
    "PORT",
    "APP_URL",
    "SESSION_SECRET",
    "DATABASE_URL",
    "SUPABASE_URL",
    "TRUST_PROXY",
    "LOG_LEVEL",
    "SESSION_IDLE_TIMEOUT_SECONDS",
    "SESSION_CACHE_ENTRIES",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_ENCRYPTION_KEY",
    "DATABASE_SCHEMA",
    "RATE_LIMIT_FAILURES_PER_MINUTE",
    "REDIS_URL",
    "REDIS_TIMEOUT_MS",
    "SESSION_OUTAGE_SECONDS",
    "FORCE_PERSISTENT_SESSIONS",
    "METRICS_TOKEN",
  ];
  expect(envOf(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(envOf());
  expect(envOf(Object.fromEntries(names.map((name) => [name, "  "])))).toEqual(envOf());
});

it("the app's address follows the port where none is given", () => {
  expect(envOf({ PORT: "4321" }).appUrl.origin).toBe("http://localhost:4321");
  expect(envOf({ PORT: "4321", APP_URL: "https://libero.example.com" }).appUrl.origin).toBe(
    "https://libero.example.com",
  );
});

it("in development a sandbox that stands in for Commerce7 may frame the app and serves its script", () => {
  const { commerce7 } = envOf({ COMMERCE7_API_URL: "http://127.0.0.1:3100/v1/" });
  expect(commerce7).toMatchObject({
    apiUrl: "http://127.0.0.1:3100/v1",
    frameAncestors: ["https://*.commerce7.com", "http://127.0.0.1:3100"],
    scriptUrl: "http://127.0.0.1:3100/v2/commerce7.js",
  });
});

it.each([
  ["true", true],
  ["false", false],
  ["0", 0],
  ["2", 2],
  ["10.0.0.0/8", ["10.0.0.0/8"]],
  ["loopback, 192.0.2.7", ["loopback", "192.0.2.7"]],
  ["::1", ["::1"]],
])("TRUST_PROXY=%s is understood", (text, setting) => {
  expect(envOf({ TRUST_PROXY: text }).trustProxy).toEqual(setting);
});

it.each(["fatal", "error", "warn", "info", "debug", "trace", "silent"])(
  "LOG_LEVEL=%s is understood",
  (level) => {
    expect(envOf({ LOG_LEVEL: level }).logLevel).toBe(level);
  },
);
