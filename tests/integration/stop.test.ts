import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { basicAuth, startRawServer } from "../support/commerce7";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { halfOf, untilRefused } from "../support/half-request";
import { startSmtp } from "../support/smtp";
import { startGate } from "../support/tcp-gate";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";
const STAFF = { id: "u1", firstName: "Jason", lastName: "Andres", role: "Admin" };

describe("stopping, on the production build and PostgreSQL", () => {
  let database: TestDatabase;
  let sandbox: Sandbox;

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
  });
  beforeEach(() => database.reset());
  afterAll(async () => {
    await sandbox.close();
    await database.drop();
  });

  const start = async (env: Record<string, string> = {}) => {
    const platform = { COMMERCE7_API_URL: `${sandbox.url}/v1` };
    const app = await startApp({ DATABASE_URL: database.url, ...platform, ...env });
    sandbox.setAppUrl(app.url);
    await sandbox.install(TENANT);
    return app;
  };
  const signIn = async (app: AppServer) => {
    const visitor = new Visitor(app.url);
    expect((await visitor.open(TENANT, sandbox.accountToken(TENANT))).status).toBe(302);
    return visitor;
  };
  const query = async (sql: string) => (await database.sql.query(sql)).rows;
  const connections = () =>
    query(
      `select application_name from pg_stat_activity
       where datname = current_database() and application_name like 'libero%'`,
    );

  it("a sign-in under way is finished, its session kept, and every connection given back", async () => {
    const asked: ServerResponse[] = [];
    const commerce7 = await startRawServer((response, request) => {
      if (request.headers.authorization === "a-token") asked.push(response);
    });
    const app = await start({ COMMERCE7_API_URL: `${commerce7.url}/v1` });
    const signingIn = new Visitor(app.url).open(TENANT, "a-token");
    await expect.poll(() => asked).toHaveLength(1);
    const ended = app.stop();
    await untilRefused(app);
    expect(await connections()).not.toEqual([]);

    asked[0]?.end(JSON.stringify(STAFF));
    const { status, headers } = await signingIn;
    expect([status, headers.get("location"), headers.get("connection")]).toEqual([302, "/app", "close"]);
    expect(await ended).toBe(0);
    expect(await query("select user_name from public.app_sessions where user_id = 'u1'")).toHaveLength(1);
    await expect.poll(connections).toEqual([]);
  });

  it("activity of the very last request is written, and probes learn that it stops", async () => {
    const app = await start();
    const visitor = await signIn(app);
    await database.sql.query(
      "update public.app_sessions set last_activity_at = last_activity_at - interval '1 minute'",
    );
    const page = await halfOf(app, "/app", `Cookie: ${visitor.cookie}`);
    const probe = await halfOf(app, "/readyz");
    const ended = app.stop();
    await untilRefused(app);

    page.write("\r\n");
    probe.write("\r\n");
    expect(await text(page)).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await text(probe)).toMatch(/^HTTP\/1.1 503 [\s\S]+\{"ready":false,"reason":"stopping"\}$/);
    expect(await ended).toBe(0);
    const [session] = await query(
      "select max(last_activity_at) >= max(created_at) as written from public.app_sessions",
    );
    expect(session?.written).toBe(true);
  });

  it("B7: a link that was asked for is still sent, although its answer is long out", async () => {
    const smtp = await startSmtp();
    onTestFinished(() => smtp.close());
    const release = smtp.hold();
    const app = await start({ SMTP_URL: smtp.url });
    await signIn(app);
    const email = "jason@spectrawinery.example";
    expect((await new Visitor(app.url).post("/login", { email })).status).toBe(302);
    const ended = app.stop();
    await untilRefused(app);
    expect(smtp.mails).toEqual([]);
    release();
    expect(await ended).toBe(0);
    expect(smtp.countTo(email)).toBe(1);
    expect(app.output()).toContain("a link to sign in with was sent");
    await expect.poll(connections).toEqual([]);
  });

  it("with a database that hangs and a client that never ends, it is over within ten seconds", async () => {
    const direct = new URL(database.url);
    const gate = await startGate({ host: direct.hostname, port: Number(direct.port) });
    onTestFinished(() => gate.stop());
    direct.port = String(gate.port);
    const app = await start({ DATABASE_URL: direct.href });
    const visitor = await signIn(app);
    gate.freeze();
    const webhook = `Authorization: ${basicAuth(INSTALL)}\r\nContent-Type: application/json`;
    const slow = await halfOf(app, "/install", `${webhook}\r\nContent-Length: 99`, "POST");
    slow.write("\r\n{");
    const page = visitor.get("/settings").catch(() => undefined);
    await fetch(`${app.url}/healthz`);

    const signalled = performance.now();
    const ended = app.stop();
    await untilRefused(app);
    // A second signal neither starts over nor cuts short.
    app.stop();
    expect(await ended).toBe(1);
    expect(performance.now() - signalled).toBeLessThan(10_000);
    // The page is answered with 503, or cut off as well where its call waited for a new connection first.
    expect(app.output()).toMatch(
      /"cutShort":\["requests cut off after 8000 ms: [12]".+stopped, but not in order/,
    );
    slow.destroy();
    await page;
  });
});
