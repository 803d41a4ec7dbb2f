import { getHeapStatistics } from "node:v8";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./base/durations";
import type { Wiring } from "./wiring.server";

/** Part of the door `doctor.server.ts`: what is made of what it finds. Nothing in here asks anything. */

export type Verdict = {
  status: "ok" | "warn" | "fail";
  found: string;
  /** How to mend it; null where nothing is wrong, or what was found says it. */
  mend: string | null;
};

export const ok = (found: string): Verdict => ({ status: "ok", found, mend: null });
export const warn = (found: string, mend: string): Verdict => ({ status: "warn", found, mend });
export const fail = (found: string, mend: string | null): Verdict => ({ status: "fail", found, mend });

type Env = Wiring["env"];

export function judgeEnvironment({ mode, appUrl, database }: Env): Verdict {
  const found = `${mode}, ${appUrl.origin}, ${database.kind}`;
  if (mode === "production" || appUrl.protocol !== "https:") return ok(found);
  return warn(
    `${found}: APP_URL is https, and what production insists on is not checked`,
    "set NODE_ENV=production",
  );
}

/** @param problems what a start warns of */
export function judgeSettings(problems: Env["problems"]): Verdict {
  if (problems.length === 0) return ok("the session cookie reaches Commerce7's frame");
  const status = problems.some(({ preventsSignIn }) => preventsSignIn) ? "fail" : "warn";
  return { status, found: problems.map(({ problem }) => problem).join("\n"), mend: null };
}

/** @param storage the sentence that says where sessions live */
export function judgeStorage(storage: string, { database }: Env): Verdict {
  if (database.kind !== "memory") return ok(storage);
  return warn(storage, "name a database that stays: DATABASE_URL=postgres://… or pglite://<folder>");
}

type Connection = Awaited<ReturnType<NonNullable<Wiring["db"]["connection"]>["find"]>>;

/** @param connection undefined where the driver keeps none to a server */
export function judgeConnection(connection: Connection | undefined): Verdict {
  if (!connection) return ok("none of its own to a PostgreSQL server");
  const { mode, evidence } = connection;
  const statements = mode === "transaction pooler" ? "unnamed" : "named";
  return ok(`${mode} (${evidence}), ${statements} prepared statements`);
}

/** @param pending undefined where the wire cannot tell, and its functions have answered */
export function judgeMigrations(pending: string[] | undefined): Verdict {
  if (pending === undefined) return ok("the functions of the newest one answer");
  if (pending.length === 0) return ok("all applied");
  return fail(`${pending.length} pending: ${pending.join(", ")}`, "npm run db:migrate, or start the app");
}

/**
 * @param refused calls of the app's that the database refused
 * @param exposed what roles on the browser's side can reach
 * @param hidden whether row-level security shows the app's role no row
 */
export function judgeGrants(refused: string[], exposed: string[], hidden: boolean): Verdict {
  if (refused.length > 0) {
    return fail(
      [...new Set(refused)].join("; "),
      "grant this role what supabase/migrations/*_grants.sql grants service_role",
    );
  }
  if (hidden) {
    return fail(
      "row-level security hides every row from this role",
      "use the role that ran the migrations, or one with bypassrls, as Supabase's service_role is",
    );
  }
  if (exposed.length === 0) return ok("the app's role may call its functions, browser-side roles nothing");
  return fail(
    exposed.join("; "),
    "take it back: revoke all on table …, or on function …, from anon, authenticated, public",
  );
}

const OLDEST_POSTGRESQL = 15;

export function judgeVersion(version: string): Verdict {
  if (Number.parseInt(version, 10) >= OLDEST_POSTGRESQL) return ok(`PostgreSQL ${version}`);
  return fail(`PostgreSQL ${version}`, `upgrade it: Libero needs ${OLDEST_POSTGRESQL} or newer`);
}

const SLOW_LOOK_UP_MS = 50;

export function judgeLatency(timesMs: number[]): Verdict {
  const takesMs = median(timesMs);
  const found = `a session look-up takes ${takesMs.toFixed(1)} ms`;
  if (takesMs < SLOW_LOOK_UP_MS) return ok(found);
  return warn(
    found,
    "bring app and database closer together; each request that reads the database waits for it",
  );
}

/** The database answered somewhere between question and answer; the middle is the best guess. */
export function judgeClocks(times: { askedAtMs: number; answeredAtMs: number; databaseMs: number }): Verdict {
  const aheadMs = times.databaseMs - (times.askedAtMs + times.answeredAtMs) / 2;
  const apartMs = Math.abs(aheadMs);
  const found = `the database's clock is ${duration(apartMs)} ${aheadMs < 0 ? "behind" : "ahead of"} this machine's`;
  const mend = "let NTP set both: the app's clock ends sessions, the database's deletes them";
  if (apartMs > 30 * SECOND_MS) return fail(found, mend);
  return apartMs > SECOND_MS ? warn(found, mend) : ok(found);
}

/** As the job that `schedule_app_session_cleanup()` makes. */
const PG_CRON_RETENTION_DAYS = 90;

export function judgeCleanup(state: { scheduled: boolean; overdue: number; retentionDays: number }): Verdict {
  const { scheduled, overdue, retentionDays } = state;
  const by = scheduled ? "pg_cron cleans up daily at 02:00 UTC" : "the app itself cleans up about every hour";
  if (overdue > 0) {
    const mend = scheduled
      ? "npm run sessions -- cleanup; then see cron.job_run_details for why the job does not"
      : "npm run sessions -- cleanup; then see that an instance of the app runs, and its log";
    const left = overdue === 1 ? "1 session" : `${overdue} sessions`;
    return fail(`${by}, yet ${left} that expired more than a day ago can still be found`, mend);
  }
  if (scheduled && retentionDays !== PG_CRON_RETENTION_DAYS) {
    return warn(
      `${by}, and keeps events ${PG_CRON_RETENTION_DAYS} days, not ${retentionDays} as SESSION_EVENT_RETENTION_DAYS says`,
      `schedule its job cleanup-app-session-events anew, with p_retention => '${retentionDays} days'`,
    );
  }
  return ok(`${by}; nothing is overdue`);
}

/** @param info what `INFO` answers: lines of names and values; none where it is forbidden, as at some hosts */
export type RedisFacts = { timesMs: number[]; info: string };

export function judgeRedis({ timesMs, info }: RedisFacts): Verdict {
  const fact = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const [version, upSeconds] = [fact("redis_version"), fact("uptime_in_seconds")];
  const answers = `answers in ${median(timesMs).toFixed(1)} ms`;
  if (!version) return ok(`${answers}; INFO, which would tell more, is not to be had`);
  const upFor = upSeconds ? `up for ${duration(Number(upSeconds) * SECOND_MS)}, ` : "";
  const found = `Redis ${version}, ${upFor}${answers}`;
  if (isTooOld(version)) return fail(found, "upgrade it: Libero needs 6.2 or newer");
  const [limit, policy] = [fact("maxmemory"), fact("maxmemory_policy")];
  if (!limit) return ok(`${found}; how much it may keep it does not tell`);
  if (limit === "0" || policy !== "noeviction") return ok(found);
  return warn(
    `${found}; it refuses writes when its ${limit} bytes are full`,
    "set maxmemory-policy to volatile-lru: all that Libero keeps there has a time to live",
  );
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 6 || (major === 6 && minor < 2);
}

/** @param openedAfterMs undefined where it did not open in time */
export function judgeChannel(openedAfterMs: number | undefined, byRedis = false): Verdict {
  if (openedAfterMs !== undefined) {
    return ok(`open after ${Math.round(openedAfterMs)} ms${byRedis ? ", over Redis" : ""}`);
  }
  if (byRedis)
    return warn("it does not open, so that every request reads the database", "see what is said of Redis");
  return warn(
    "it does not open, so that every request reads the database",
    "LISTEN wants a direct connection or a session pooler: a transaction pooler (port 6543 on Supabase) lets no " +
      "notice through, so set DATABASE_DIRECT_URL; the database also has to have one connection to spare",
  );
}

/**
 * None is not a fault: one has to be the first.
 * @param installed undefined where the database cannot tell yet
 */
export function judgeWineries(installed: number | undefined, { origin }: Env["appUrl"]): Verdict {
  if (installed === undefined) {
    return warn(
      "the database lacks the newest migration",
      "npm run db:push, or npm run db:migrate with DATABASE_URL",
    );
  }
  if (installed === 0) {
    return ok(
      `none has installed Libero yet, so that no user can sign in (Commerce7's Install URL: ${origin}/install)`,
    );
  }
  return ok(installed === 1 ? "1 has installed Libero" : `${installed} have installed Libero`);
}

const MEGABYTE = 1024 * 1024;

export function judgeCache(
  { maxEntries, maxBytes }: Env["sessionCache"],
  hasChannel: boolean,
  heapBytes = getHeapStatistics().heap_size_limit,
): Verdict {
  if (maxEntries === 0) return ok("off: every request reads the database");
  const found = `up to ${maxEntries} sessions in ${maxBytes / MEGABYTE} MB`;
  if (!hasChannel) return ok(`${found}, unused over supabase-js without Redis`);
  if (maxBytes <= heapBytes / 2) return ok(found);
  return warn(
    `${found}, of a heap of ${Math.round(heapBytes / MEGABYTE)} MB`,
    "lower SESSION_CACHE_MEGABYTES, or raise the heap: NODE_OPTIONS=--max-old-space-size=…",
  );
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

const UNITS = [
  ["days", DAY_MS],
  ["hours", HOUR_MS],
  ["minutes", MINUTE_MS],
] as const;

/** In the largest unit of which there are two. */
function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  const [name, unitMs] = UNITS.find(([, unitMs]) => ms >= 2 * unitMs) ?? [];
  return unitMs ? `${Math.round(ms / unitMs)} ${name}` : `${(ms / SECOND_MS).toFixed(1)} s`;
}
