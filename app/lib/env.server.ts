import { SECOND_MS } from "./base/durations";
import { ConfigurationError } from "./base/errors";
import { checkCookie, isLocalhost, isLoopbackAddress } from "./env/cookie";
import { type SettingProblem, settingProblems } from "./env/problems";
import { secretKeyOf, toDatabase, toRedis } from "./env/storage";
import { isMemoryUrl, MAKE_ONE, type Variables, variables } from "./env/variables";

const DEVELOPMENT_SECRET = "libero-development-secret-never-for-production";
const DEVELOPMENT_TOKEN_KEY = "libero-development-token-key-never-for-production";
const DEVELOPMENT_PASSWORD = "libero-development-password";

/** Words of the examples that documents print, our own and those of other session systems. */
const EXAMPLE =
  /example|your[-_ ]|secret-key|change-?me|placeholder|development-secret|development-token|development-password/i;

/** Random once, and published since: trigger.dev's example settings, which session secrets are copied from. */
const PUBLISHED = [
  "2818143646516f6fffd707b36f334bbb",
  "44da78b7bbb0dfe709cf38931d25dcdd",
  "f686147ab967943ebbe9ed3b496e465a",
  "447c29678f9eaf289e9c4b70d3dd8a7f",
];

type Fault = (variable: keyof Variables, message: string) => void;

/** What only production insists on, and the pairs that need each other everywhere. */
function checkTogether(value: Partial<Variables>, fault: Fault) {
  if (value.SUPABASE_URL && !secretKeyOf(value) && !value.DATABASE_URL) {
    fault("SUPABASE_SECRET_KEY", "is missing; SUPABASE_URL needs it (Supabase: Settings, API Keys)");
  }
  if (secretKeyOf(value) && !value.SUPABASE_URL && !value.DATABASE_URL) {
    fault("SUPABASE_URL", "is missing; SUPABASE_SECRET_KEY needs it, like https://abc.supabase.co");
  }
  if (value.DATABASE_URL && isMemoryUrl(value.DATABASE_URL) && mustPersist(value)) {
    fault(
      "DATABASE_URL",
      "is memory://, where sessions end with the process; in production, and with FORCE_PERSISTENT_SESSIONS=true, " +
        "it has to be postgres://… or pglite://<folder>",
    );
  }
  if (value.NODE_ENV !== "production") return;

  checkAddress(value, fault);
  if (!value.SESSION_SECRET) fault("SESSION_SECRET", `is missing; ${MAKE_ONE}`);
  else if (value.SESSION_SECRET.some(isExample)) fault("SESSION_SECRET", `is an example; ${MAKE_ONE}`);
  if (value.SESSION_ENCRYPTION_KEY?.some(isExample))
    fault("SESSION_ENCRYPTION_KEY", `is an example; ${MAKE_ONE}`);
  if (value.TOKEN_ENCRYPTION_KEYS?.some(isExample))
    fault("TOKEN_ENCRYPTION_KEYS", `is an example; ${MAKE_ONE}`);
  if (!value.DATABASE_URL && !value.SUPABASE_URL) {
    fault(
      "DATABASE_URL",
      "is missing; set it (postgres://…, or pglite://<folder>), or SUPABASE_URL and SUPABASE_SECRET_KEY",
    );
  }
  for (const variable of ["COMMERCE7_INSTALL_USERNAME", "COMMERCE7_INSTALL_PASSWORD"] as const) {
    if (!value[variable])
      fault(variable, "is missing; take it from the app's page in Commerce7's developer centre");
  }
  if (value.COMMERCE7_INSTALL_PASSWORD && isExample(value.COMMERCE7_INSTALL_PASSWORD)) {
    fault(
      "COMMERCE7_INSTALL_PASSWORD",
      "is an example; type a password of your own in Commerce7's developer centre",
    );
  }
}

/** Links in mails, the check of where requests come from, and the cookie's attributes all follow it. */
function checkAddress({ APP_URL }: Partial<Variables>, fault: Fault) {
  if (APP_URL === undefined) {
    fault(
      "APP_URL",
      "is missing; set it to the address that users' browsers open, like https://libero.example.com",
    );
    return;
  }
  const { protocol, hostname } = new URL(APP_URL);
  if (protocol !== "https:" && !isLocalhost(hostname) && !isLoopbackAddress(hostname)) {
    fault("APP_URL", "is http://, where anyone on the way reads the session cookie; serve Libero over https");
  }
}

/** It is a second address of the same server. */
function checkDirectUrl({ DATABASE_DIRECT_URL, DATABASE_URL }: Partial<Variables>, fault: Fault) {
  if (!DATABASE_DIRECT_URL || /^postgres(ql)?:/.test(DATABASE_URL ?? "")) return;
  fault("DATABASE_DIRECT_URL", "needs DATABASE_URL to be postgres://…, whose database it names as well");
}

const mustPersist = ({ NODE_ENV, FORCE_PERSISTENT_SESSIONS }: Partial<Variables>) =>
  NODE_ENV === "production" || FORCE_PERSISTENT_SESSIONS === true;

/** A published value, or one with too few different characters to be random. */
function isExample(value: string): boolean {
  return EXAMPLE.test(value) || PUBLISHED.includes(value) || new Set(value).size < 8;
}

export type Env = ReturnType<typeof toEnv> & {
  /** What a start warns of. */
  problems: SettingProblem[];
};

/**
 * The one reader of the environment.
 * @throws ConfigurationError that names every fault and how to mend it
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const faults = new Map<keyof Variables, string>();
  const value = parseEach(source, (variable, message) => faults.set(variable, message));
  const addFault: Fault = (variable, message) => {
    // A value that does not parse is not missing: one fault a variable.
    if (!faults.has(variable)) faults.set(variable, message);
  };
  const appUrl = faults.has("APP_URL") || faults.has("PORT") ? undefined : toAppUrl(value);
  checkCookie(value, appUrl, addFault);
  checkTogether(value, addFault);
  checkDirectUrl(value, addFault);
  if (faults.size > 0) {
    const lines = [...faults].map(([variable, message]) => `  - ${variable}: ${message}`);
    throw new ConfigurationError(`Libero cannot start with this environment:\n${lines.join("\n")}`);
  }
  const env = toEnv(value as Variables);
  return { ...env, problems: settingProblems(value as Variables, env.appUrl, source) };
}

const toAppUrl = ({ APP_URL, PORT }: Partial<Variables>) => new URL(APP_URL ?? `http://localhost:${PORT}`);

/** Every variable by itself, so that one fault hides no other. */
function parseEach(source: NodeJS.ProcessEnv, fault: Fault): Partial<Variables> {
  const names = Object.keys(variables.shape) as (keyof Variables)[];
  const parsed = names.map((name) => {
    // An empty value, as `.env` files have them, is one that is not set.
    const { data, error } = variables.shape[name].safeParse(source[name]?.trim() || undefined);
    if (error) fault(name, error.issues.map(({ message }) => message).join("; "));
    return [name, data];
  });
  return Object.fromEntries(parsed);
}

function toEnv(value: Variables) {
  return {
    mode: value.NODE_ENV,
    port: value.PORT,
    /** Where the server listens; undefined: on all addresses. In development others on the network have no business here. */
    host: value.HOST ?? (value.NODE_ENV === "production" ? undefined : "localhost"),
    /** Scheme, host and port under which browsers reach the app. */
    appUrl: toAppUrl(value),
    /** The first signs, all verify. */
    sessionSecrets: value.SESSION_SECRET ?? [DEVELOPMENT_SECRET],
    sessionEncryptionSecrets: value.SESSION_ENCRYPTION_KEY,
    /** Seal the tokens of other platforms: the first seals, all open. None in production where none is set. */
    tokenEncryptionKeys: tokenKeys(value),
    ...toCookies(value),
    /** Roles of administrators, by the names that Commerce7 gives them. */
    adminRoles: value.ADMIN_ROLES,
    /** What holds where a winery has set nothing else. */
    sessionPolicy: toSessionPolicy(value),
    sessionRotationGraceSeconds: value.SESSION_ROTATION_GRACE_SECONDS,
    sessionDataMaxBytes: value.SESSION_DATA_MAX_BYTES,
    sessionEventRetentionDays: value.SESSION_EVENT_RETENTION_DAYS,
    /** No cache where `maxEntries` is 0. */
    sessionCache: {
      maxEntries: value.SESSION_CACHE_ENTRIES,
      maxBytes: value.SESSION_CACHE_MEGABYTES * 1024 * 1024,
    },
    database: toDatabase(value),
    redis: toRedis(value),
    /** How long reads go on while the database does not answer. */
    sessionOutageMs: value.SESSION_OUTAGE_SECONDS * SECOND_MS,
    commerce7: {
      ...platformAddresses(value),
      timeoutMs: 8 * SECOND_MS,
      username: value.COMMERCE7_INSTALL_USERNAME ?? "libero",
      password: value.COMMERCE7_INSTALL_PASSWORD ?? DEVELOPMENT_PASSWORD,
    },
    ...toSignInLinks(value),
    /** Express' "trust proxy" setting. */
    trustProxy: value.TRUST_PROXY,
    rateLimits: toRateLimits(value),
    metricsToken: value.METRICS_TOKEN,
    logLevel: value.LOG_LEVEL,
  };
}

function toCookies(value: Variables) {
  return {
    sessionCookie: {
      name: value.SESSION_COOKIE_NAME,
      path: value.SESSION_COOKIE_PATH,
      domain: value.SESSION_COOKIE_DOMAIN,
      sameSite: value.SESSION_COOKIE_SAME_SITE,
    },
    /** Of the sessions that live in the browser alone. */
    cookieSessionName: value.COOKIE_SESSION_NAME,
  };
}

function tokenKeys({ NODE_ENV, TOKEN_ENCRYPTION_KEYS }: Variables): string[] {
  return TOKEN_ENCRYPTION_KEYS ?? (NODE_ENV === "production" ? [] : [DEVELOPMENT_TOKEN_KEY]);
}

function toSignInLinks(value: Variables) {
  return {
    /** Undefined: no mail goes out. */
    mail: value.SMTP_URL === undefined ? undefined : { smtpUrl: value.SMTP_URL, from: value.MAIL_FROM },
    /** Who may see the figures of all wineries; in lower case. */
    operatorEmails: value.OPERATOR_EMAILS,
    /** An operator's session that was not used for so long ends; 0: never for that reason. */
    operatorIdleTimeoutMs: value.OPERATOR_IDLE_TIMEOUT_SECONDS * SECOND_MS,
    /** How long after they last came from the admin staff may sign in by a link; 0: not at all. */
    signInLinkStaffDays: value.SIGN_IN_LINK_STAFF_DAYS,
  };
}

function toSessionPolicy(value: Variables) {
  return {
    maxAgeSeconds: value.SESSION_MAX_AGE_SECONDS,
    idleTimeoutSeconds: value.SESSION_IDLE_TIMEOUT_SECONDS,
    renewalLimitSeconds: value.SESSION_RENEWAL_LIMIT_SECONDS,
    maxSessionsPerUser: value.SESSION_MAX_PER_USER,
    atSessionLimit: value.SESSION_AT_LIMIT,
  };
}

/** What one address may do in a minute; 0: as often as it likes. */
function toRateLimits(value: Variables) {
  return {
    signIns: value.RATE_LIMIT_SIGN_INS_PER_MINUTE,
    installs: value.RATE_LIMIT_INSTALLS_PER_MINUTE,
    failures: value.RATE_LIMIT_FAILURES_PER_MINUTE,
    links: value.RATE_LIMIT_LINKS_PER_MINUTE,
    /** To one mailbox. */
    mailsPerHour: value.RATE_LIMIT_MAILS_PER_HOUR,
  };
}

/** Who may frame the app, and the script that lets the admin size the frame; in development the sandbox stands in. */
function platformAddresses({ NODE_ENV, COMMERCE7_API_URL }: Variables) {
  const { origin, hostname } = new URL(COMMERCE7_API_URL);
  const sandbox = NODE_ENV !== "production" && !hostname.endsWith(".commerce7.com");
  return {
    apiUrl: COMMERCE7_API_URL,
    frameAncestors: ["https://*.commerce7.com", ...(sandbox ? [origin] : [])],
    scriptUrl: `${sandbox ? origin : "https://dev-center.platform.commerce7.com"}/v2/commerce7.js`,
  };
}
