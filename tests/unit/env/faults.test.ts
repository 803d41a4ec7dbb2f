import { expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { jwtOf } from "../../support/jwt";
import { faultLines, faultOf, knownVariables } from "./support";

/** Every variable, its values that do not parse, and what the message must say of the mend. */
const FAULTS: [variable: string, mend: RegExp, values: string[]][] = [
  ["NODE_ENV", /production.*development.*test/, ["prod", "staging"]],
  [
    "PORT",
    /port number|whole number|between 1 and 65535/,
    ["http", "-1", "0", "65536", "80.5", "Infinity", "3000x"],
  ],
  ["HOST", /address or a name of this machine/, ["a b", "http://localhost", "x/y"]],
  [
    "APP_URL",
    /http:\/\/ or https:\/\/ address/,
    ["nonsense", "localhost:3000", "ftp://a.example", "//a.example"],
  ],
  ["APP_URL", /origin only/, ["https://a.example/app", "https://a.example/?a=b", "https://a.example/#top"]],
  ["SESSION_SECRET", /at least 32 characters/, ["short"]],
  ["SESSION_MAX_AGE_SECONDS", /number of seconds/, ["8h", "60.5", "NaN"]],
  ["SESSION_MAX_AGE_SECONDS", /at least 60 seconds/, ["59", "0", "-28800"]],
  ["SESSION_MAX_AGE_SECONDS", /at most 30 days/, ["2592001"]],
  ["SESSION_IDLE_TIMEOUT_SECONDS", /seconds, or 0 for none/, ["2h", "1.5", "59", "-1", "2592001"]],
  ["SESSION_RENEWAL_LIMIT_SECONDS", /seconds, or 0 for none/, ["30d", "59", "31536001"]],
  ["SESSION_MAX_PER_USER", /sessions, or 0 for none/, ["many", "2.5", "-1", "1001"]],
  ["SESSION_AT_LIMIT", /end-oldest or refuse-new/, ["end-newest", "refuse"]],
  ["SESSION_ROTATION_GRACE_SECONDS", /seconds, or 0 for none/, ["10s", "301"]],
  ["SESSION_DATA_MAX_BYTES", /bytes/, ["64k", "0", "1023", "1048577"]],
  ["SESSION_EVENT_RETENTION_DAYS", /days/, ["forever", "0", "3651"]],
  ["SESSION_CACHE_ENTRIES", /sessions, or 0 for none/, ["all", "-1", "10000001"]],
  ["SESSION_CACHE_MEGABYTES", /megabytes/, ["1g", "0", "65537"]],
  ["SESSION_COOKIE_NAME", /cookie name/, ["a b", "a;b", "a=b", "é", "x".repeat(129)]],
  ["COOKIE_SESSION_NAME", /cookie name/, ["a b", "a;b", "x".repeat(129)]],
  ["SESSION_COOKIE_PATH", /begin with \//, ["app", "/a;b", "/a b"]],
  ["SESSION_COOKIE_DOMAIN", /host name/, ["https://a.example", "a.example:80", ".a.example", "a b"]],
  ["SESSION_COOKIE_SAME_SITE", /auto, lax, strict or none/, ["Lax", "off"]],
  ["SESSION_ENCRYPTION_KEY", /at least 32 characters/, ["short"]],
  ["DATABASE_SCHEMA", /lower-case name/, ["Cellar", "wine cellar", "pg_cellar", "a;drop", 'a"b', "1st"]],
  [
    "DATABASE_URL",
    /postgres:\/\/.*pglite:\/\//,
    ["mysql://localhost/a", "libero", "postgres://", "pglite://", "pglite:a"],
  ],
  [
    "DATABASE_URL",
    /postgres:\/\/.*pglite:\/\//,
    ["postgres://libero:pw@localhost:99999/libero", "postgres://[::1/a"],
  ],
  ["FORCE_PERSISTENT_SESSIONS", /true or false/, ["yes", "1", "TRUE"]],
  [
    "REDIS_URL",
    /redis:\/\/.*rediss for TLS/,
    ["http://a.example", "localhost:6379", "redis://", "redis://a:b"],
  ],
  ["REDIS_KEY_PREFIX", /letters, digits/, ["two words", "a/b", "{a}", "x".repeat(65)]],
  ["DATABASE_POOL_MAX", /connections/, ["0", "-1", "1001", "2.5", "many"]],
  [
    "DATABASE_DIRECT_URL",
    /postgres:\/\/|transaction pooler/,
    ["pglite://x", "db.internal:5432", "postgres://u@aws-0-eu.pooler.supabase.com:6543/postgres"],
  ],
  ["REDIS_TIMEOUT_MS", /milliseconds/, ["50ms", "4", "0", "5001", "5.5"]],
  ["SESSION_OUTAGE_SECONDS", /seconds, or 0 for none/, ["1m", "-1", "0.5", "3601"]],
  [
    "SUPABASE_URL",
    /without a path, like https:\/\/abc\.supabase\.co: leave out what follows/,
    ["https://abc.supabase.co/rest/v1", "https://abc.supabase.co/rest/v1/", "https://abc.supabase.co/?a=b"],
  ],
  ["SUPABASE_URL", /http:\/\/ or https:\/\/ address/, ["abc.supabase.co", "postgres://abc"]],
  ...["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"].flatMap(
    (variable): [string, RegExp, string[]][] => [
      [variable, /too short.*copy a secret key \(sb_secret_…\)/, ["key"]],
      [variable, /publishable key.*copy a secret key/, [`sb_publishable_${"k".repeat(31)}`]],
      [variable, /access token of an account.*copy a secret key/, [`sbp_${"a".repeat(40)}`]],
      [variable, /role anon.*copy a secret key/, [jwtOf({ role: "anon" })]],
      [variable, /role authenticated.*copy a secret key/, [jwtOf({ role: "authenticated" })]],
    ],
  ),
  [
    "COMMERCE7_API_URL",
    /without user name/,
    ["https://u:p@api.commerce7.com/v1", "https://api.commerce7.com/v1?a=b"],
  ],
  ["COMMERCE7_API_URL", /http:\/\/ or https:\/\/ address/, ["api.commerce7.com", "ftp://api.commerce7.com"]],
  ["TOKEN_ENCRYPTION_KEYS", /at least 32 characters/, ["short"]],
  [
    "SMTP_URL",
    /smtp:\/\/.*smtps:\/\//,
    ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://a b"],
  ],
  [
    "MAIL_FROM",
    /e-mail address/,
    ["Libero", "Libero <libero>", "a@b.example, c@d.example", "a@b\r\nBcc: c@d"],
  ],
  ["OPERATOR_EMAILS", /separated by commas/, ["operator", "a@example.com,", "a@example.com b@example.com"]],
  ["OPERATOR_IDLE_TIMEOUT_SECONDS", /seconds, or 0 for none/, ["30m", "59", "-1", "86401"]],
  ["ADMIN_ROLES", /names of roles/, ["Admin,", ",", "Admin,,Owner"]],
  ["SIGN_IN_LINK_STAFF_DAYS", /days, or 0 for none/, ["ever", "-1", "1.5", "366"]],
  ["TRUST_PROXY", /number of proxies/, ["nonsense", "10.0.0.0/99", "-1", "1.5", "loopback,", "True"]],
  ["RATE_LIMIT_SIGN_INS_PER_MINUTE", /sign-ins, or 0 for none/, ["many", "-1", "1000001"]],
  ["RATE_LIMIT_MAILS_PER_HOUR", /mails, or 0 for none/, ["many", "-1", "1000001"]],
  ["RATE_LIMIT_INSTALLS_PER_MINUTE", /installs, or 0 for none/, ["many", "-1", "1000001"]],
  ["RATE_LIMIT_FAILURES_PER_MINUTE", /failures, or 0 for none/, ["many", "-1", "1000001"]],
  ["RATE_LIMIT_LINKS_PER_MINUTE", /links, or 0 for none/, ["many", "-1", "1000001"]],
  ["METRICS_TOKEN", /at least 16 characters/, ["short", "x".repeat(15)]],
  ["LOG_LEVEL", /fatal, error, warn, info, debug, trace, silent/, ["verbose", "INFO"]],
];
const CASES = FAULTS.flatMap(([variable, mend, values]) =>
  values.map((value) => ({ variable, value, mend })),
);

it.each(CASES)(
  "$variable=$value is refused, and the message says how to mend it",
  ({ variable, value, mend }) => {
    expect(faultOf({ [variable]: value })).toBeInstanceOf(ConfigurationError);
    const lines = faultLines({ [variable]: value });
    expect(lines.find((line) => line.startsWith(`${variable}: `))).toMatch(mend);
  },
);

it("no variable is left out, but those that may be anything", () => {
  const anything = ["COMMERCE7_INSTALL_USERNAME", "COMMERCE7_INSTALL_PASSWORD"];
  const named = new Set(FAULTS.map(([variable]) => variable));
  expect(knownVariables().filter((name) => !named.has(name))).toEqual(anything);
});

it("one message names every fault", () => {
  const bad = Object.fromEntries(FAULTS.map(([variable, , [value]]) => [variable, value]));
  const named = faultLines(bad).map((line) => line.split(":")[0]);
  expect(named.sort()).toEqual([...new Set(CASES.map(({ variable }) => variable))].sort());
});

it("no value is echoed, for it may be a secret", () => {
  const marked = "hunter2-hunter2";
  const names = [...new Set(CASES.map(({ variable }) => variable))];
  const bad = Object.fromEntries(names.map((name) => [name, marked]));
  expect(faultOf({ ...bad, APP_URL: `ftp://${marked}`, NODE_ENV: "production" }).message).not.toContain(
    "hunter2",
  );
  expect(faultOf({ ...bad, DATABASE_URL: `mysql://u:${marked}@h` }).message).not.toContain("hunter2");
});
