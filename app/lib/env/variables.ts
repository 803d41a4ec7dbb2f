import proxyaddr from "proxy-addr";
import { z } from "zod";
import { DAY_SECONDS, MINUTE_SECONDS } from "../base/durations";
import { connectionFromAddress } from "../db/connection-address";
import { DEFAULT_SCHEMA, SCHEMA_NAME } from "../db/schema";
import { parseRedisAddress } from "../redis/address";
import { DEFAULT_POLICY } from "../sessions/policy";
import { supabaseKey } from "./supabase-key";

export const MAKE_ONE = `make one with: node -e "console.log(require('crypto').randomBytes(32).toString('hex'))"`;

const secretList = z
  .string()
  .transform((list) => list.split(",").map((secret) => secret.trim()))
  .refine((secrets) => secrets.every((secret) => secret.length >= 32), {
    error: `every secret needs at least 32 characters (several are separated by commas); ${MAKE_ONE}`,
  });

const MAIL_FROM = /^([^<>@\r\n]* <)?[^\s<>@,]+@[^\s<>@,]+>?$/;

const emailList = z
  .string()
  .transform((list) => list.split(",").map((email) => email.trim().toLowerCase()))
  .refine((emails) => emails.every((email) => z.email().safeParse(email).success), {
    error: "must be e-mail addresses, separated by commas",
  });

const cookieName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, { error: "must be a cookie name: letters, digits, - and _" });

const roleList = z
  .string()
  .transform((list) => list.split(",").map((role) => role.trim()))
  .refine((roles) => roles.every((role) => role.length > 0), {
    error: "must be names of roles as Commerce7 has them, separated by commas",
  });

const httpUrl = (whatFor: string) =>
  z.url({ protocol: /^https?$/, error: `must be an http:// or https:// address, ${whatFor}` });

const isOrigin = (url: string) => new URL(url).pathname === "/" && !/[?#]/.test(url);

type Bounds = { min: number; max: number; unit: string };

const count = ({ min, max, unit }: Bounds, fallback: number) =>
  z.coerce
    .number({ error: `must be a number of ${unit}` })
    .int({ error: `must be a whole number of ${unit}` })
    .min(min, { error: `must be at least ${min} ${unit}` })
    .max(max, { error: `must be at most ${max} ${unit}` })
    .default(fallback);

/** A limit that 0 turns off. */
const zeroOr = ({ min, max, unit }: Bounds, fallback: number) =>
  z.coerce
    .number({ error: `must be a number of ${unit}, or 0 for none` })
    .int({ error: `must be a whole number of ${unit}, or 0 for none` })
    .refine((value) => value === 0 || (value >= min && value <= max), {
      error: `must be between ${min} and ${max} ${unit}, or 0 for none`,
    })
    .default(fallback);

/** As node-postgres reads it: the host may be missing, for a local socket. */
const isPostgresUrl = (url: string) =>
  /^postgres(ql)?:\/\/.+/.test(url) && URL.canParse(url.replace("@/", "@localhost/"), "postgres://base");

const trustProxy = z.string().transform((value, context) => {
  if (value === "true" || value === "false") return value === "true";
  if (/^\d+$/.test(value)) return Number(value);
  const addresses = value.split(",").map((address) => address.trim());
  try {
    proxyaddr.compile(addresses);
  } catch {
    context.addIssue("must be true, false, a number of proxies, or their addresses separated by commas");
  }
  return addresses;
});

export const isMemoryUrl = (url: string) => /^memory:(\/\/)?$/.test(url);

/** Every variable by itself: what it may be, and what it is where it is not set. */
export const variables = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  PORT: z.coerce
    .number({ error: "must be a port number" })
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be between 1 and 65535" })
    .max(65_535, { error: "must be between 1 and 65535" })
    .default(3000),
  HOST: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, {
      error: "must be an address or a name of this machine, like 0.0.0.0 or localhost",
    })
    .optional(),
  APP_URL: httpUrl("the address that browsers use")
    .refine((url) => !URL.canParse(url) || isOrigin(url), {
      error: "must be an origin only: scheme, host and port, without a path",
    })
    .optional(),
  SESSION_SECRET: secretList.optional(),
  SESSION_MAX_AGE_SECONDS: z.coerce
    .number({ error: "must be a number of seconds" })
    .int({ error: "must be a whole number of seconds" })
    .min(MINUTE_SECONDS, { error: "must be at least 60 seconds" })
    .max(30 * DAY_SECONDS, { error: "must be at most 30 days (2592000 seconds)" })
    .default(DEFAULT_POLICY.maxAgeSeconds),
  SESSION_IDLE_TIMEOUT_SECONDS: zeroOr(
    { min: MINUTE_SECONDS, max: 30 * DAY_SECONDS, unit: "seconds" },
    DEFAULT_POLICY.idleTimeoutSeconds,
  ),
  SESSION_RENEWAL_LIMIT_SECONDS: zeroOr(
    { min: MINUTE_SECONDS, max: 365 * DAY_SECONDS, unit: "seconds" },
    DEFAULT_POLICY.renewalLimitSeconds,
  ),
  SESSION_MAX_PER_USER: zeroOr({ min: 1, max: 1_000, unit: "sessions" }, DEFAULT_POLICY.maxSessionsPerUser),
  SESSION_AT_LIMIT: z
    .enum(["end-oldest", "refuse-new"], { error: "must be end-oldest or refuse-new" })
    .default(DEFAULT_POLICY.atSessionLimit),
  SESSION_ROTATION_GRACE_SECONDS: zeroOr({ min: 1, max: 5 * MINUTE_SECONDS, unit: "seconds" }, 10),
  SESSION_DATA_MAX_BYTES: count({ min: 1_024, max: 1_048_576, unit: "bytes" }, 65_536),
  SESSION_EVENT_RETENTION_DAYS: count({ min: 1, max: 3_650, unit: "days" }, 90),
  SESSION_CACHE_ENTRIES: zeroOr({ min: 1, max: 10_000_000, unit: "sessions" }, 10_000),
  SESSION_CACHE_MEGABYTES: count({ min: 1, max: 65_536, unit: "megabytes" }, 64),
  SESSION_COOKIE_NAME: cookieName.default("__libero_session"),
  COOKIE_SESSION_NAME: cookieName.default("__session"),
  SESSION_COOKIE_PATH: z
    .string()
    .regex(/^\/[^;\s]*$/, { error: "must begin with / and hold no ; or space" })
    .default("/"),
  SESSION_COOKIE_DOMAIN: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, {
      error: "must be a host name, without scheme, port or leading dot",
    })
    .optional(),
  SESSION_COOKIE_SAME_SITE: z
    .enum(["auto", "lax", "strict", "none"], { error: "must be auto, lax, strict or none" })
    .default("auto"),
  SESSION_ENCRYPTION_KEY: secretList.optional(),
  DATABASE_SCHEMA: z
    .string()
    .regex(SCHEMA_NAME, { error: "must be a lower-case name: letters, digits and _, not beginning with pg_" })
    .default(DEFAULT_SCHEMA),
  DATABASE_URL: z
    .string()
    .refine((url) => /^pglite:\/\/.+/.test(url) || isMemoryUrl(url) || isPostgresUrl(url), {
      error:
        "must be postgres://user:password@host:5432/database, pglite://<folder>, or memory:// to try things out",
    })
    .optional(),
  DATABASE_POOL_MAX: count({ min: 1, max: 1_000, unit: "connections" }, 10),
  DATABASE_DIRECT_URL: z
    .string()
    .refine(isPostgresUrl, { error: "must be postgres://user:password@host:5432/database" })
    .refine((url) => connectionFromAddress(url) === undefined, {
      error: "is a transaction pooler's address; use the database's own, or a session pooler's",
    })
    .optional(),
  FORCE_PERSISTENT_SESSIONS: z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((value) => value === "true")
    .default(false),
  REDIS_URL: z
    .string()
    .refine((url) => parseRedisAddress(url) !== undefined, {
      error:
        "must be redis://user:password@host:6379/0, redis+sentinel://host:26379,host:26379/master or " +
        "redis+cluster://host:6379,host:6379; rediss for TLS",
    })
    .optional(),
  REDIS_KEY_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, { error: "must be at most 64 letters, digits, dots, colons, - and _" })
    .default("libero"),
  REDIS_TIMEOUT_MS: count({ min: 5, max: 5_000, unit: "milliseconds" }, 50),
  SESSION_OUTAGE_SECONDS: zeroOr({ min: 1, max: 3_600, unit: "seconds" }, 60),
  SUPABASE_URL: httpUrl("your project's, like https://abc.supabase.co")
    .refine((url) => !URL.canParse(url) || isOrigin(url), {
      error: ({ input }) =>
        `must be your project's address without a path, like ${new URL(String(input)).origin}: leave out what follows`,
    })
    .optional(),
  SUPABASE_SECRET_KEY: supabaseKey.optional(),
  SUPABASE_SERVICE_ROLE_KEY: supabaseKey.optional(),
  COMMERCE7_API_URL: httpUrl("the API's base")
    .refine((url) => !/[?#@]/.test(url), { error: "must be an address without user name, query or fragment" })
    .transform((url) => url.replace(/\/+$/, ""))
    .default("https://api.commerce7.com/v1"),
  COMMERCE7_INSTALL_USERNAME: z.string().optional(),
  COMMERCE7_INSTALL_PASSWORD: z.string().optional(),
  TOKEN_ENCRYPTION_KEYS: secretList.optional(),
  SMTP_URL: z
    .string()
    .refine((url) => /^smtps?:\/\/[^\s]+$/.test(url) && URL.canParse(url) && new URL(url).hostname !== "", {
      error: "must be smtp://user:password@host:587, or smtps://…:465",
    })
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(MAIL_FROM, { error: 'must be an e-mail address, or "A name <name@example.com>"' })
    .default("Libero <libero@localhost>"),
  OPERATOR_EMAILS: emailList.default([]),
  OPERATOR_IDLE_TIMEOUT_SECONDS: zeroOr(
    { min: MINUTE_SECONDS, max: DAY_SECONDS, unit: "seconds" },
    30 * MINUTE_SECONDS,
  ),
  ADMIN_ROLES: roleList.default(["Admin Owner", "Admin"]),
  SIGN_IN_LINK_STAFF_DAYS: zeroOr({ min: 1, max: 365, unit: "days" }, 30),
  TRUST_PROXY: trustProxy.default(false),
  RATE_LIMIT_SIGN_INS_PER_MINUTE: zeroOr({ min: 1, max: 1_000_000, unit: "sign-ins" }, 60),
  RATE_LIMIT_INSTALLS_PER_MINUTE: zeroOr({ min: 1, max: 1_000_000, unit: "installs" }, 60),
  RATE_LIMIT_FAILURES_PER_MINUTE: zeroOr({ min: 1, max: 1_000_000, unit: "failures" }, 20),
  RATE_LIMIT_LINKS_PER_MINUTE: zeroOr({ min: 1, max: 1_000_000, unit: "links" }, 5),
  RATE_LIMIT_MAILS_PER_HOUR: zeroOr({ min: 1, max: 1_000_000, unit: "mails" }, 20),
  METRICS_TOKEN: z.string().min(16, { error: "needs at least 16 characters" }).optional(),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be one of fatal, error, warn, info, debug, trace, silent",
    })
    .default("info"),
});

export type Variables = z.infer<typeof variables>;
