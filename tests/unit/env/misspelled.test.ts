import { expect, it } from "vitest";
import { envOf, knownVariables } from "./support";

const problemsOf = (variables: Record<string, string>) => envOf(variables).problems;

it.each([
  ["SESSION_MAX_AGE", "SESSION_MAX_AGE_SECONDS"],
  ["SESSION_MAX_AGE_MS", "SESSION_MAX_AGE_SECONDS"],
  ["SESSION_IDLE_TIMEOUT", "SESSION_IDLE_TIMEOUT_SECONDS"],
  ["SESSION_OUTAGE_MINUTES", "SESSION_OUTAGE_SECONDS"],
  ["REDIS_TIMEOUT", "REDIS_TIMEOUT_MS"],
  ["RATE_LIMIT_SIGN_INS", "RATE_LIMIT_SIGN_INS_PER_MINUTE"],
  ["RATE_LIMIT_INSTALLS_PER_HOUR", "RATE_LIMIT_INSTALLS_PER_MINUTE"],
  ["SESION_SECRET", "SESSION_SECRET"],
  ["SESSION_SECERT", "SESSION_SECRET"],
  ["DATABASE_URl", "DATABASE_URL"],
  ["database_url", "DATABASE_URL"],
  ["DATABSE_URL", "DATABASE_URL"],
  ["REDIS_URI", "REDIS_URL"],
  ["SMTP_URI", "SMTP_URL"],
  ["OPERATOR_EMAIL", "OPERATOR_EMAILS"],
  ["TOKEN_ENCRYPTION_KEY", "TOKEN_ENCRYPTION_KEYS"],
  ["SESSION_ENCRYPTION_KEYS", "SESSION_ENCRYPTION_KEY"],
  ["SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SAME_SITE"],
  ["SESSION_DOMAIN", "SESSION_COOKIE_DOMAIN"],
  ["COMERCE7_API_URL", "COMMERCE7_API_URL"],
  ["COMMERCE7_USERNAME", "COMMERCE7_INSTALL_USERNAME"],
  ["COMMERCE7_PASSWORD", "COMMERCE7_INSTALL_PASSWORD"],
  ["COMMERCE7_URL", "COMMERCE7_API_URL"],
])("%s was meant to be %s", (name, meant) => {
  const problem = `${name} is not a variable of Libero; did you mean ${meant}?`;
  expect(problemsOf({ [name]: "a value that is not read" })).toEqual([{ problem, preventsSignIn: false }]);
});

/** Of desktops, shells, Supabase's CLI and Docker Compose, Kubernetes, npm, Node, and apps that people build on this one. */
const OTHERS = [
  ...[
    "PATH",
    "HOME",
    "HOST",
    "HOSTNAME",
    "MAIL",
    "MAILCHECK",
    "LOGNAME",
    "TERM",
    "SHELL",
    "LANG",
    "PWD",
    "USER",
  ],
  ...["SESSION_MANAGER", "SESSIONNAME", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "XDG_SESSION_ID"],
  ...[
    "XDG_SESSION_TYPE",
    "SUPABASE_ACCESS_TOKEN",
    "SUPABASE_DB_PASSWORD",
    "SUPABASE_DB_URL",
    "SUPABASE_PROJECT_ID",
  ],
  ...[
    "SUPABASE_ANON_KEY",
    "SUPABASE_JWT_SECRET",
    "SUPABASE_PUBLISHABLE_KEY",
    "SUPABASE_YES",
    "SUPABASE_WORKDIR",
  ],
  ...["REDIS_VERSION", "REDIS_DOWNLOAD_URL", "REDIS_PORT", "REDIS_PORT_6379_TCP", "REDIS_SERVICE_HOST"],
  ...["REDIS_HOST", "REDIS_PASSWORD", "DATABASE_HOST", "DATABASE_NAME", "DATABASE_USER", "DATABASE_PASSWORD"],
  ...["DATABASE_REPLICA_URL", "DIRECT_URL", "TEST_DATABASE_URL", "DATABASE2_URL", "POSTGRES_URL", "PGHOST"],
  ...["SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "COMMERCE7_APP_ID", "COMMERCE7_APP_SECRET"],
  ...["API_URL", "APP_ENV", "APP_NAME", "APP_ID", "BASE_URL", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "PORTS"],
  ...[
    "npm_config_loglevel",
    "npm_package_name",
    "VITE_SUPABASE_URL",
    "NEXT_PUBLIC_SUPABASE_URL",
    "LOG_FORMAT",
  ],
  ...[
    "TOKEN",
    "GITHUB_TOKEN",
    "OPERATOR",
    "SESSION",
    "RATE_LIMIT",
    "SIGN_IN_URL",
    "METRICS_PORT",
    "S",
    "_",
    "",
  ],
];

it.each(OTHERS)("%j is no misspelling: other programs have it", (name) => {
  expect(problemsOf({ [name]: "anything" })).toEqual([]);
});

it("our own variables are none, set or not", () => {
  expect(problemsOf(Object.fromEntries(knownVariables().map((name) => [name, ""])))).toEqual([]);
});

it("what is set to nothing is not meant for anybody", () => {
  expect(problemsOf({ SESSION_MAX_AGE: "", SESION_SECRET: "  " })).toEqual([]);
});

it("a shorter name is somebody else's where the whole one is set as well; a mistyped one is not", () => {
  const both = { COMMERCE7_USERNAME: "x", COMMERCE7_INSTALL_USERNAME: "libero" };
  expect(problemsOf(both)).toEqual([]);
  expect(problemsOf({ SESSION_MAX_AGE: "900", SESSION_MAX_AGE_SECONDS: "28800" })).toHaveLength(1);
});

it("a name that could steer a terminal is printed without what could", () => {
  expect(problemsOf({ "SESSION_\u001bSECRET": "x" })[0]?.problem).toBe(
    "SESSION_?SECRET is not a variable of Libero; did you mean SESSION_SECRET?",
  );
});
