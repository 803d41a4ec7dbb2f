import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { freePort } from "../support/free-port";
import { hasRedis, type RedisServer, startRedis } from "../support/redis-server";

/** The app that stands on docs/adapters/express-session.md, in processes of its own. */
describe("D3, D6: the Express app of the docs", () => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    redis = hasRedis ? await startRedis() : undefined;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((child) => stop(child, "SIGKILL")));
  });
  afterAll(async () => {
    await redis?.stop();
    await database.drop();
  });

  const stop = (child: ChildProcess, signal: NodeJS.Signals) =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
      child.once("exit", resolve);
      child.kill(signal);
    });

  const start = async (more: Record<string, string | undefined> = {}) => {
    const port = await freePort();
    const child = spawn(process.execPath, ["--import", "tsx", "docs/examples/express-session.ts"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...{ PATH: process.env.PATH, DATABASE_URL: database.url, PORT: String(port), TRUST_PROXY: "1" },
        SESSION_SECRET: "5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f",
        ...more,
        NODE_ENV: "development",
      },
    });
    running.push(child);
    let log = "";
    child.stdout?.on("data", (chunk) => {
      log += chunk;
    });
    while (!log.includes("the shop is open")) {
      if (child.exitCode !== null) throw new Error(`the app ended at its start:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      url: `http://127.0.0.1:${port}`,
      log: () => log,
      stop: (signal: NodeJS.Signals) => stop(child, signal),
    };
  };

  /** A visitor who keeps the cookie, whichever instance answers. */
  const aVisitor = () => {
    let cookie = "";
    const fetchWith = async (url: string, init: RequestInit = {}) => {
      const response = await fetch(url, { ...init, headers: { ...init.headers, cookie } });
      const [given] = response.headers.getSetCookie();
      if (given) cookie = given.split(";")[0] as string;
      return { response, given };
    };
    const visit = async (url: string, headers = {}) => {
      const { response, given } = await fetchWith(url, { headers });
      return { ...((await response.json()) as { visits: number; csrf: string; theme: string }), given };
    };
    const post = async (url: string, form: Record<string, string> = {}) =>
      (await fetchWith(url, { method: "POST", body: new URLSearchParams(form) })).response.status;
    return { visit, post };
  };

  it("finds its sessions again after SIGTERM and after kill -9", async () => {
    const { visit, post } = aVisitor();
    let app = await start();
    const { csrf, given } = await visit(app.url);
    expect(given).toMatch(/^shop\.sid=s%3A[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    expect(await post(`${app.url}/preferences`, { theme: "dark" })).toBe(403);
    expect(await post(`${app.url}/preferences`, { theme: "dark", csrf })).toBe(204);
    for (const [signal, visits] of [
      ["SIGTERM", 2],
      ["SIGKILL", 3],
    ] as const) {
      const exitCode = await app.stop(signal);
      if (signal === "SIGTERM") expect(exitCode).toBe(0);
      app = await start();
      expect(await visit(app.url)).toMatchObject({ visits, csrf, theme: "dark" });
    }
    expect(await post(`${app.url}/sign-out`)).toBe(204);
    expect((await visit(app.url)).visits).toBe(1);
  });

  it.skipIf(!hasRedis)(
    "two instances share them, with Redis before the database, and without (needs redis-server)",
    async () => {
      const env = { APP_URL: "https://shop.test", SESSION_COOKIE_DOMAIN: "shop.test" };
      const [one, two] = await Promise.all([start({ ...env, REDIS_URL: redis?.url }), start(env)]);
      expect(one.log()).toContain("with Redis in front of it");
      const { visit, post } = aVisitor();
      const https = { "x-forwarded-proto": "https" };
      const { csrf, given } = await visit(one.url, https);
      expect(given).toMatch(/; Domain=shop\.test; .*; Secure; SameSite=None$/);
      for (const [n, { url }] of [two, one, two, one].entries()) {
        expect(await visit(url, https)).toMatchObject({ visits: n + 2, csrf });
      }
      await redis?.kill();
      expect(await visit(one.url, https)).toMatchObject({ visits: 6, csrf });
      expect(await post(`${two.url}/sign-out`)).toBe(204);
      expect((await visit(one.url, https)).visits).toBe(1);
    },
  );
});
