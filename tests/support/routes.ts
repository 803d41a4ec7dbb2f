import { isDeepStrictEqual } from "node:util";
import type { ActionFunctionArgs, AppLoadContext } from "@remix-run/node";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { start, stop } from "~/lib/lifecycle.server";
import { wiring } from "~/lib/wiring.server";
import { loader as openPage } from "~/routes/app";
import { action as install } from "~/routes/install";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { wineries } from "../../sandbox/wineries";
import { type Environment, ROOMY_RATE_LIMITS } from "./app-server";
import { installBody, WEBHOOK_USER, webhook } from "./commerce7";
import { createTestDatabase, type TestDatabase } from "./database";
import { freePort } from "./free-port";
import "./matchers";

export const ORIGIN = "http://localhost:3000";
export const TENANT = "spectrawinery";

/** What came of a loader or action, however it said it: returned or thrown, a Response, `data()` or plain data. */
// biome-ignore lint/suspicious/noExplicitAny: a body is whatever the route answers
export type Answer = { status: number; headers: Headers; body: any; thrown: boolean };

type Handler = (args: ActionFunctionArgs) => unknown;

/** Calls a loader or action as Remix does. What it throws that is no answer is thrown on. */
export async function call(
  handler: Handler,
  request: Request,
  context: AppLoadContext = {},
): Promise<Answer> {
  try {
    return await toAnswer(await handler({ request, params: {}, context }), false);
  } catch (error) {
    if (error instanceof Response || isData(error)) return await toAnswer(error, true);
    throw error;
  }
}

type Data = { type: "DataWithResponseInit"; data: unknown; init: ResponseInit | null };

const isData = (value: unknown): value is Data =>
  (value as Partial<Data> | null)?.type === "DataWithResponseInit";

async function toAnswer(value: unknown, thrown: boolean): Promise<Answer> {
  if (isData(value)) {
    const { status = 200, headers } = value.init ?? {};
    return { status, headers: new Headers(headers), body: value.data, thrown };
  }
  if (!(value instanceof Response)) return { status: 200, headers: new Headers(), body: value, thrown };
  const text = await value.text();
  const isJson = value.headers.get("content-type")?.startsWith("application/json");
  return { status: value.status, headers: value.headers, body: isJson ? JSON.parse(text) : text, thrown };
}

/** A page's request with this Cookie header. */
export function get(path: string, cookie?: string, headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}${path}`, {
    headers: { ...headers, ...(cookie !== undefined && { cookie }) },
  });
}

/** A form's request with this Cookie header. */
export function post(path: string, cookie?: string, fields: Record<string, string> = {}): Request {
  const headers: HeadersInit = cookie === undefined ? {} : { cookie };
  return new Request(`${ORIGIN}${path}`, { method: "POST", headers, body: new URLSearchParams(fields) });
}

/** The Cookie header that a browser makes of an answer. */
export function cookieOf({ headers }: Answer): string {
  const [cookie = ""] = headers.getSetCookie().map((line) => line.split(";")[0] as string);
  return cookie;
}

/** The session's id in a Cookie header: the part that is safe to show. */
export const sessionIdOf = (cookie: string) => cookie.split("=")[1]?.split(".")[0] ?? "";

/** Somebody of the sandbox's staff, by first name. */
export function staff(firstName: string) {
  for (const { tenantId, staff: members } of wineries) {
    const found = members.find((member) => member.firstName === firstName);
    if (found) return { tenantId, staffId: found.id };
  }
  throw new Error(`the sandbox has nobody called ${firstName}`);
}

type Browser = { cookie?: string; userAgent?: string };

export type App = {
  sandbox: Sandbox;
  sql: pg.Client;
  /** What comes of it when somebody opens the app from the admin. */
  open(firstName: string, browser?: Browser): Promise<Answer>;
  /** Opens the app from the admin. @returns the Cookie header of that browser */
  signIn(firstName: string, browser?: Browser): Promise<string>;
  /** Signs somebody in, and takes the row away without telling anybody: memory alone still knows the session. */
  signInByMemoryAlone(firstName: string): Promise<string>;
  /** Changes the session of this Cookie header by hand, and waits the milliseconds until the app has heard of it. */
  byHand(cookie: string, change: string): Promise<void>;
  /** Why the session of this Cookie header ended; undefined where it did not. */
  endOf(cookie: string): Promise<string | undefined>;
  /** The URL by which the admin opens the app, with a token of a staff member. */
  openingUrl(changes?: Record<string, string>): string;
  /** Installs the winery as Commerce7 does. @returns the Cookie header of whoever pressed Install */
  install(tenantId?: string): Promise<string>;
  /** How many sessions there are. */
  countSessions(): Promise<number>;
};

/**
 * Gives a test file the app's doors over a database and a Commerce7 of its own, both emptied before each test.
 * The environment is set before the first route is called, which is when it is read.
 * @param settings over what the tests' app has
 */
export function openApp(settings: Environment = {}): App {
  const app = {} as App;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    app.sandbox = await startSandbox({ appUrl: ORIGIN, ...WEBHOOK_USER });
    app.sql = database.sql;
    const addresses = { DATABASE_URL: database.url, COMMERCE7_API_URL: `${app.sandbox.url}/v1` };
    setEnvironment({ ...addresses, ...settings });
    await start();
  });
  beforeEach(async () => {
    app.sandbox.setFault("none");
    await database.reset();
  });
  afterAll(async () => {
    await stop();
    await app.sandbox.close();
    await database.drop();
  });

  app.openingUrl = (changes = {}) => {
    const tenantId = changes.tenantId ?? TENANT;
    const known = { tenantId, account: changes.account ?? app.sandbox.accountToken(tenantId) };
    return `/app?${new URLSearchParams({ ...known, ...changes })}`;
  };
  app.open = (firstName, { cookie, userAgent } = {}) => {
    const { tenantId, staffId } = staff(firstName);
    const url = app.openingUrl({ tenantId, account: app.sandbox.accountToken(tenantId, staffId) });
    return call(openPage, get(url, cookie, userAgent === undefined ? {} : { "user-agent": userAgent }));
  };
  app.signIn = async (firstName, browser) => {
    const answer = await app.open(firstName, browser);
    if (answer.status !== 302) throw new Error(`${firstName} was not signed in: ${answer.status}`);
    return cookieOf(answer);
  };
  app.signInByMemoryAlone = (firstName) =>
    // Memory is asked only while the database is known to tell what changes, which a busy machine may interrupt.
    vi.waitFor(async () => {
      const cookie = await app.signIn(firstName);
      await call(openPage, get("/app", cookie));
      await withoutTriggers(app.sql, () =>
        app.sql.query("delete from public.app_sessions where id = $1", [sessionIdOf(cookie)]),
      );
      if ((await call(openPage, get("/app", cookie))).status !== 200) throw new Error("memory says no");
      return cookie;
    }, 10_000);
  app.byHand = async (cookie, change) => {
    const id = sessionIdOf(cookie);
    await app.sql.query(`update public.app_sessions set ${change} where id = $1`, [id]);
    const { store } = wiring();
    await vi.waitFor(async () => {
      const [told, stored] = [await store.find(id), await store.find(id, { fresh: true })];
      if (!isDeepStrictEqual(told, stored)) throw new Error("the app has not heard of it yet");
    });
  };
  app.endOf = async (cookie) => {
    const { rows } = await app.sql.query(
      "select reason from public.app_session_events where session_id = $1 and event = 'ended'",
      [sessionIdOf(cookie)],
    );
    return rows[0]?.reason;
  };
  app.install = async (tenantId = TENANT) =>
    cookieOf(await call(install, webhook("/install", installBody(tenantId))));
  app.countSessions = async () => {
    const { rows } = await app.sql.query("select count(*)::integer as count from public.app_sessions");
    return rows[0].count;
  };
  return app;
}

async function withoutTriggers(sql: pg.Client, change: () => Promise<unknown>) {
  await sql.query("alter table public.app_sessions disable trigger user");
  try {
    await change();
  } finally {
    await sql.query("alter table public.app_sessions enable trigger user");
  }
}

/** Gives a test file an app whose database is away: nothing listens where it should be. */
export function openAppWithoutDatabase(): Pick<App, "openingUrl"> & { databaseUrl: () => string } {
  let url = "";
  let sandbox: Sandbox;
  beforeAll(async () => {
    url = `postgres://libero:hunter2@127.0.0.1:${await freePort()}/winery_sessions`;
    sandbox = await startSandbox({ appUrl: ORIGIN, ...WEBHOOK_USER });
    setEnvironment({ DATABASE_URL: url, COMMERCE7_API_URL: `${sandbox.url}/v1` });
  });
  afterAll(async () => {
    await stop();
    await sandbox.close();
  });
  return {
    databaseUrl: () => url,
    openingUrl: () => `/app?tenantId=${TENANT}&account=${sandbox.accountToken(TENANT)}`,
  };
}

function setEnvironment(variables: Record<string, string>) {
  Object.assign(process.env, {
    APP_URL: ORIGIN,
    SESSION_SECRET: "5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f",
    SESSION_MAX_AGE_SECONDS: "28800",
    COMMERCE7_INSTALL_USERNAME: WEBHOOK_USER.username,
    COMMERCE7_INSTALL_PASSWORD: WEBHOOK_USER.password,
    LOG_LEVEL: "silent",
    ...ROOMY_RATE_LIMITS,
    ...variables,
  });
}
