import proxyaddr from "proxy-addr";
import { z } from "zod";
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, SECOND_MS } from "./base/durations";
import { ConfigurationError } from "./base/errors";

const DEVELOPMENT_SECRET = "libero-development-secret-never-for-production";
const DEVELOPMENT_PASSWORD = "libero-development-password";
const MAKE_ONE = `make one with: node -e "console.log(require('crypto').randomBytes(32).toString('hex'))"`;

/** Words of the examples that documents print, our own and those of other session systems. */
const EXAMPLE =
  /example|your[-_ ]|secret-key|change-?me|placeholder|development-secret|development-password/i;

const secretList = z
  .string()
  .transform((list) => list.split(",").map((secret) => secret.trim()))
  .refine((secrets) => secrets.every((secret) => secret.length >= 32), {
    error: `every secret needs at least 32 characters (several are separated by commas); ${MAKE_ONE}`,
  });

const httpUrl = (whatFor: string) =>
  z.url({ protocol: /^https?$/, error: `must be an http:// or https:// address, ${whatFor}` });

/** Random once, and published since: trigger.dev's example settings, which session secrets are copied from. */
const PUBLISHED = [
  "2818143646516f6fffd707b36f334bbb",
  "44da78b7bbb0dfe709cf38931d25dcdd",
  "f686147ab967943ebbe9ed3b496e465a",
  "447c29678f9eaf289e9c4b70d3dd8a7f",
];

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

const variables = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  PORT: z.coerce
    .number({ error: "must be a port number" })
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be between 1 and 65535" })
    .max(65_535, { error: "must be between 1 and 65535" })
    .default(3000),
  APP_URL: httpUrl("the address that browsers use")
    .refine((url) => !URL.canParse(url) || (new URL(url).pathname === "/" && !/[?#]/.test(url)), {
      error: "must be an origin only: scheme, host and port, without a path",
    })
    .optional(),
  SESSION_SECRET: secretList.optional(),
  SESSION_MAX_AGE_SECONDS: z.coerce
    .number({ error: "must be a number of seconds" })
    .int({ error: "must be a whole number of seconds" })
    .min(MINUTE_SECONDS, { error: "must be at least 60 seconds" })
    .max(30 * DAY_SECONDS, { error: "must be at most 30 days (2592000 seconds)" })
    .default(8 * HOUR_SECONDS),
  DATABASE_URL: z
    .string()
    .refine((url) => /^pglite:\/\/.+/.test(url) || isPostgresUrl(url), {
      error: "must be postgres://user:password@host:5432/database, or pglite://<folder>",
    })
    .optional(),
  SUPABASE_URL: httpUrl("your project's, like https://abc.supabase.co").optional(),
  SUPABASE_SERVICE_ROLE_KEY: z
    .string()
    .min(20, { error: "is too short to be a service role key; copy it from Supabase's API settings" })
    .optional(),
  COMMERCE7_API_URL: httpUrl("the API's base")
    .refine((url) => !/[?#@]/.test(url), { error: "must be an address without user name, query or fragment" })
    .transform((url) => url.replace(/\/+$/, ""))
    .default("https://api.commerce7.com/v1"),
  COMMERCE7_INSTALL_USERNAME: z.string().optional(),
  COMMERCE7_INSTALL_PASSWORD: z.string().optional(),
  TRUST_PROXY: trustProxy.default(false),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be one of fatal, error, warn, info, debug, trace, silent",
    })
    .default("info"),
});

type Variables = z.infer<typeof variables>;

type Fault = (variable: keyof Variables, message: string) => void;

/** What only production insists on, and the pairs that need each other everywhere. */
function checkTogether(value: Partial<Variables>, fault: Fault) {
  if (value.SUPABASE_URL && !value.SUPABASE_SERVICE_ROLE_KEY && !value.DATABASE_URL) {
    fault("SUPABASE_SERVICE_ROLE_KEY", "is missing; SUPABASE_URL needs it (Supabase: Settings, API keys)");
  }
  if (value.SUPABASE_SERVICE_ROLE_KEY && !value.SUPABASE_URL && !value.DATABASE_URL) {
    fault("SUPABASE_URL", "is missing; SUPABASE_SERVICE_ROLE_KEY needs it, like https://abc.supabase.co");
  }
  if (value.NODE_ENV !== "production") return;

  if (!value.SESSION_SECRET) fault("SESSION_SECRET", `is missing; ${MAKE_ONE}`);
  else if (value.SESSION_SECRET.some(isExample)) fault("SESSION_SECRET", `is an example; ${MAKE_ONE}`);
  if (!value.DATABASE_URL && !value.SUPABASE_URL) {
    fault(
      "DATABASE_URL",
      "is missing; set it (postgres://…, or pglite://<folder>), or SUPABASE_URL and its key",
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

/** A published value, or one with too few different characters to be random. */
function isExample(value: string): boolean {
  return EXAMPLE.test(value) || PUBLISHED.includes(value) || new Set(value).size < 8;
}

export type Env = ReturnType<typeof toEnv>;

/**
 * The one reader of the environment.
 * @throws ConfigurationError that names every fault and how to mend it
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const faults = new Map<keyof Variables, string>();
  const value = parseEach(source, (variable, message) => faults.set(variable, message));
  checkTogether(value, (variable, message) => {
    // A value that does not parse is not missing: one fault a variable.
    if (!faults.has(variable)) faults.set(variable, message);
  });
  if (faults.size > 0) {
    const lines = [...faults].map(([variable, message]) => `  - ${variable}: ${message}`);
    throw new ConfigurationError(`Libero cannot start with this environment:\n${lines.join("\n")}`);
  }
  return toEnv(value as Variables);
}

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
    /** Scheme, host and port under which browsers reach the app. */
    appUrl: new URL(value.APP_URL ?? `http://localhost:${value.PORT}`),
    /** The first signs, all verify. */
    sessionSecrets: value.SESSION_SECRET ?? [DEVELOPMENT_SECRET],
    sessionMaxAgeSeconds: value.SESSION_MAX_AGE_SECONDS,
    database: toDatabase(value),
    commerce7: {
      ...platformAddresses(value),
      timeoutMs: 8 * SECOND_MS,
      username: value.COMMERCE7_INSTALL_USERNAME ?? "libero",
      password: value.COMMERCE7_INSTALL_PASSWORD ?? DEVELOPMENT_PASSWORD,
    },
    /** Express' "trust proxy" setting. */
    trustProxy: value.TRUST_PROXY,
    logLevel: value.LOG_LEVEL,
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

/** `DATABASE_URL` wins over Supabase's pair; with neither, the embedded database. */
function toDatabase({ DATABASE_URL, SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY }: Variables) {
  if (DATABASE_URL?.startsWith("pglite://")) {
    return { kind: "pglite" as const, folder: DATABASE_URL.slice("pglite://".length) };
  }
  if (DATABASE_URL) return { kind: "postgres" as const, url: DATABASE_URL };
  if (SUPABASE_URL && SUPABASE_SERVICE_ROLE_KEY) {
    return { kind: "supabase" as const, url: SUPABASE_URL, serviceRoleKey: SUPABASE_SERVICE_ROLE_KEY };
  }
  return { kind: "pglite" as const, folder: ".data/libero" };
}
