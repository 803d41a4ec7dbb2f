import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "./base/durations";
import { ConfigurationError, messageOf } from "./base/errors";
import {
  fail,
  judgeCache,
  judgeChannel,
  judgeCleanup,
  judgeClocks,
  judgeConnection,
  judgeEnvironment,
  judgeGrants,
  judgeLatency,
  judgeMigrations,
  judgeRedis,
  judgeSettings,
  judgeStorage,
  judgeVersion,
  judgeWineries,
  ok,
  type Verdict,
  warn,
} from "./doctor-judgements.server";
import { checkCommerce7, checkMail } from "./startup-checks.server";
import { commandWiring, type Wiring } from "./wiring.server";

/** DOOR: an examination of the whole set-up, for the operator. It changes nothing. */

/** In the order in which they are told. */
const CHECKS = [
  "environment",
  "settings",
  "storage",
  "database",
  "connection",
  "migrations",
  "grants",
  "version",
  "latency",
  "clocks",
  "clean-up",
  "redis",
  "channel",
  "cache",
  "commerce7",
  "mail",
  "wineries",
] as const;

type CheckName = (typeof CHECKS)[number];

export type Examination = {
  checks: ({ check: CheckName } & Verdict)[];
  /** What could not be checked, because something that it rests on failed. */
  notChecked: CheckName[];
};

/** How long the channel may take to open. */
const CHANNEL_MS = 3 * SECOND_MS;

/** Examines everything that the app needs. Whatever is wrong is in the answer; it does not throw. */
export async function examine(): Promise<Examination> {
  const verdicts = new Map<CheckName, Verdict>();
  let app: Wiring | undefined;
  try {
    app = commandWiring();
  } catch (error) {
    verdicts.set("environment", fail(messageOf(error), "set these variables, or mend .env"));
  }
  if (app) {
    const check: Check = async (name, work) => {
      const verdict = await work().catch((error) => fail(messageOf(error), null));
      verdicts.set(name, verdict);
      return verdict.status !== "fail";
    };
    await Promise.all([examineServices(app, check), examineStores(app, check)]);
    await app.stop();
  }
  return {
    checks: CHECKS.flatMap((check) => {
      const verdict = verdicts.get(check);
      return verdict ? [{ check, ...verdict }] : [];
    }),
    notChecked: CHECKS.filter((check) => !verdicts.has(check)),
  };
}

/** Does a check, and says whether what rests on it can be checked as well. */
type Check = (name: CheckName, work: () => Promise<Verdict>) => Promise<boolean>;

/** What is outside; over the network, so that it is asked at the same time as the stores. */
async function examineServices(app: Wiring, check: Check): Promise<void> {
  await Promise.all([check("commerce7", () => askCommerce7(app)), check("mail", () => checkMail(app))]);
}

/** `npm run dev` asks its own sandbox, wherever COMMERCE7_API_URL leads. */
async function askCommerce7(app: Wiring): Promise<Verdict> {
  const { mode, appUrl, commerce7 } = app.env;
  const untouched = new URL(commerce7.apiUrl).hostname.endsWith(".commerce7.com");
  if (mode !== "production" && appUrl.hostname === "localhost" && untouched) {
    return ok("not asked in development: npm run dev has a sandbox in its place");
  }
  return checkCommerce7(app);
}

async function examineStores(app: Wiring, check: Check): Promise<void> {
  await check("environment", async () => judgeEnvironment(app.env));
  await check("settings", async () => judgeSettings(app.env.problems));
  await check("storage", async () => judgeStorage(app.storage, app.env));
  await check("cache", async () => judgeCache(app.env.sessionCache, app.channel !== undefined));
  await check("redis", () => examineRedis(app));
  if (!(await check("database", () => reach(app)))) return;
  await check("connection", async () => judgeConnection(await app.db.connection?.find()));
  await check("channel", () => openChannel(app));
  if (!(await check("migrations", async () => judgeMigrations(await app.db.pendingMigrations())))) return;
  await examineSchema(app, check);
}

/** Whether the database takes us. Over supabase-js only a function can tell. */
async function reach({ db, env }: Wiring): Promise<Verdict> {
  const { database } = env;
  if (database.kind === "pglite" && !existsSync(join(database.folder, "PG_VERSION"))) {
    return fail(`there is no embedded database in ${database.folder} yet`, "npm run db:migrate makes it");
  }
  try {
    // Every process begins with an empty one, and brings it up to date.
    if (database.kind === "memory") await db.migrate();
    if ((await db.pendingMigrations()) === undefined)
      await db.call("app_session_database_status", {}, { readOnly: true });
    return ok(`${database.kind} answers`);
  } catch (error) {
    // A ConfigurationError says itself how to mend it.
    const mend =
      error instanceof ConfigurationError ? null : "see that it runs, and that its address is right";
    return fail(messageOf(error), mend);
  }
}

/** What only a database with Libero's schema can be asked. */
async function examineSchema(app: Wiring, check: Check): Promise<void> {
  const { db, env, clock } = app;
  const refused = await refusedCalls(app);
  if (refused.length > 0) {
    await check("grants", async () => judgeGrants(refused, [], false));
    return;
  }
  // Asked a second time, on a connection that is open.
  const askedAtMs = clock();
  const [status] = await db.call("app_session_database_status", {}, { readOnly: true });
  const answeredAtMs = clock();
  await check("grants", async () => judgeGrants([], status?.exposed, status?.rows_are_hidden));
  await check("version", async () => judgeVersion(String(status?.server_version)));
  await check("clocks", async () =>
    judgeClocks({ askedAtMs, answeredAtMs, databaseMs: new Date(status?.clock).getTime() }),
  );
  await check("clean-up", async () =>
    judgeCleanup({
      scheduled: status?.cleanup_is_scheduled === true,
      overdue: Number(status?.overdue_sessions),
      retentionDays: env.sessionEventRetentionDays,
    }),
  );
  const installed = status?.installed_clients === undefined ? undefined : Number(status.installed_clients);
  await check("wineries", async () => judgeWineries(installed, env.appUrl));
  await check("latency", async () => judgeLatency(await fiveTimes(() => app.truth.find(randomUUID()))));
}

/** Calls what reads, and writes of nothing. @returns the refusals */
async function refusedCalls({ db, truth, clock }: Wiring): Promise<string[]> {
  const nobody = randomUUID();
  const calls = [
    () => db.call("app_session_database_status", {}, { readOnly: true }),
    () => truth.find(nobody),
    () => truth.touch(new Map()),
    () => truth.end(nobody, "operator"),
    () => truth.listOpen({}, clock(), 1),
    () => truth.totals(clock()),
    () => truth.endings(clock()),
    () => truth.events({ sessionId: nobody }, 1),
    () => truth.cleanup(0),
  ];
  const refusals: string[] = [];
  for (const call of calls) await call().catch((error) => refusals.push(messageOf(error)));
  return refusals;
}

/** Asks one after the other. @returns how long each answer took, in milliseconds */
async function fiveTimes(ask: () => Promise<unknown>): Promise<number[]> {
  const timesMs: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const startedAtMs = performance.now();
    await ask();
    timesMs.push(performance.now() - startedAtMs);
  }
  return timesMs;
}

/** How Redis is; where it keeps that to itself, as hosted services do, that it answers is all there is to know. */
async function examineRedis({ redis }: Wiring): Promise<Verdict> {
  if (!redis) return ok("none (REDIS_URL is not set)");
  const mend =
    "see that it runs, REDIS_URL is right, and REDIS_TIMEOUT_MS long enough; without it everything goes on, slower";
  const reason = await redis.start();
  if (reason) return warn(reason, mend);
  try {
    const timesMs = await fiveTimes(() => redis.run((client) => client.ping()));
    const info = await redis.run((client) => client.info(), { patient: true }).catch(() => "");
    return judgeRedis({ timesMs, info });
  } catch (error) {
    return warn(messageOf(error), mend);
  }
}

async function openChannel({ channel, env, db, redis }: Wiring): Promise<Verdict> {
  if (!channel && env.sessionCache.maxEntries === 0) {
    return ok("none: the cache is off (SESSION_CACHE_ENTRIES is 0)");
  }
  if (!channel) return ok(`none over ${db.kind} without Redis: every request reads the database`);
  const byRedis = db.kind === "supabase";
  // It was asked before: what does not answer brings no notices either.
  if (byRedis && redis?.health().latencyMs === null) return judgeChannel(undefined, byRedis);
  const startedAtMs = performance.now();
  const waitedMs = () => performance.now() - startedAtMs;
  channel.start();
  while (channel.epoch() === undefined && waitedMs() < CHANNEL_MS) await sleep(20);
  return judgeChannel(channel.epoch() === undefined ? undefined : waitedMs(), byRedis);
}
