import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, type Environment, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";

describe("sessions over HTTP, on the production build and PostgreSQL", () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let app: AppServer;
  let env: Environment;

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    env = { DATABASE_URL: database.url, COMMERCE7_API_URL: `${sandbox.url}/v1` };
    app = await startApp(env);
    sandbox.setAppUrl(app.url);
  });
  beforeEach(async () => {
    await database.reset();
    await sandbox.install(TENANT);
    await database.sql.query("truncate public.app_sessions");
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.close();
    await database.drop();
  });

  const signIn = async (url = app.url) => {
    const visitor = new Visitor(url);
    const response = await visitor.open(TENANT, sandbox.accountToken(TENANT));
    expect(response.status).toBe(302);
    return visitor;
  };
  const sessions = async () =>
    (await database.sql.query("select * from public.app_sessions order by created_at")).rows;

  it("A1: the install webhook's cookie opens /app without asking Commerce7", async () => {
    const credentials = Buffer.from(`${INSTALL.username}:${INSTALL.password}`).toString("base64");
    const response = await fetch(`${app.url}/install`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}`, "content-type": "application/json" },
      body: JSON.stringify({ tenantId: TENANT, user: { id: "u1", firstName: "Jason", lastName: "Andres" } }),
    });
    expect(response.status).toBe(200);
    expect(await sessions()).toHaveLength(1);

    const visitor = new Visitor(app.url);
    visitor.cookie = response.headers.getSetCookie()[0]?.split(";")[0];
    const calls = sandbox.accountCalls();
    const page = await visitor.get("/app");
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Jason Andres")]);
    expect(sandbox.accountCalls()).toBe(calls);
  });

  it("A2, A3: Commerce7 is asked once, the address loses the token, and later requests ask nobody", async () => {
    const visitor = new Visitor(app.url);
    const token = sandbox.accountToken(TENANT);
    const calls = sandbox.accountCalls();
    const response = await visitor.open(TENANT, token);
    expect(response.headers.get("location")).toBe("/app");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    for (const path of ["/app", "/settings", "/app"]) {
      const page = await visitor.get(path);
      expect([page.status, page.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    }
    expect(sandbox.accountCalls()).toBe(calls + 1);
    expect(app.output()).not.toContain(token);
    expect(app.output()).not.toContain("account=");
  });

  it("A4: without a session /app and /settings lead to /, and make no row", async () => {
    for (const path of ["/app", "/settings", "/app.data", "/settings.data"]) {
      const response = await new Visitor(app.url).get(path, { "user-agent": "Googlebot/2.1" });
      if (path.endsWith(".data")) expect(await response.text()).toContain("SingleFetchRedirect");
      else expect([response.status, response.headers.get("location")]).toEqual([302, "/"]);
    }
    expect((await new Visitor(app.url).get("/")).status).toBe(200);
    expect(await sessions()).toEqual([]);
  });

  it("A5: last_activity_at moves with every request, and is in the table a second later at the most", async () => {
    const visitor = await signIn();
    const [before] = await sessions();
    await database.sql.query(
      "update public.app_sessions set last_activity_at = last_activity_at - interval '1 minute'",
    );
    await visitor.get("/app");
    await expect
      .poll(async () => (await sessions())[0]?.last_activity_at.getTime(), { timeout: 3_000, interval: 50 })
      .toBeGreaterThanOrEqual(before?.last_activity_at.getTime());
  });

  it("A5: lasts eight hours by default", async () => {
    await signIn();
    const [row] = await sessions();
    expect(row?.expires_at.getTime() - row?.created_at.getTime()).toBe(8 * 3600 * 1000);
  });

  it("A6: a sign-out deletes the row and clears the cookie, and the old cookie never works again", async () => {
    const visitor = await signIn();
    const old = visitor.cookie;
    const response = await visitor.post("/logout");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/"]);
    expect(response.headers.getSetCookie()[0]).toMatch(/^__libero_session=; Max-Age=0; .*Partitioned/);
    expect(await sessions()).toEqual([]);
    visitor.cookie = old;
    expect((await visitor.get("/app")).headers.get("location")).toBe("/");
  });

  it("A7: an uninstall ends every session of the client before it answers", async () => {
    const visitors = [await signIn(), await signIn()];
    expect((await sandbox.uninstall(TENANT)).status).toBe(200);
    expect(await sessions()).toEqual([]);
    for (const visitor of visitors) expect((await visitor.get("/app")).headers.get("location")).toBe("/");
    expect((await new Visitor(app.url).open(TENANT, sandbox.accountToken(TENANT))).status).toBe(403);
  });

  it("C4, E12: opening again changes id and secret, and what the browser held before is dead", async () => {
    const visitor = await signIn();
    const old = visitor.cookie;
    await visitor.open(TENANT, sandbox.accountToken(TENANT));
    expect(visitor.cookie?.split(".")[0]).not.toBe(old?.split(".")[0]);
    expect(await sessions()).toHaveLength(1);
    const thief = new Visitor(app.url);
    thief.cookie = old;
    expect((await thief.get("/app")).headers.get("location")).toBe("/");
  });

  it("E3: an end on one instance holds on another, and a restart loses nobody", async () => {
    const [stays, leaves] = [await signIn(), await signIn()];
    const other = await startApp(env);
    const elsewhere = (visitor: Visitor) => Object.assign(new Visitor(other.url), { cookie: visitor.cookie });
    expect((await elsewhere(leaves).get("/app")).status).toBe(200);
    await leaves.post("/logout");
    expect((await elsewhere(leaves).get("/app")).headers.get("location")).toBe("/");
    expect((await elsewhere(stays).get("/app")).status).toBe(200);
    expect(await other.stop()).toBe(0);
  });

  it("A5: what is noted reaches the table before a stop", async () => {
    const visitor = await signIn();
    const other = await startApp(env);
    await database.sql.query(
      "update public.app_sessions set last_activity_at = last_activity_at - interval '1 minute'",
    );
    const page = await Object.assign(new Visitor(other.url), { cookie: visitor.cookie }).get("/app");
    // Read to its end: a page that is still being fetched would keep the stop waiting, past the write a second later.
    await page.text();
    expect(await other.stop()).toBe(0);
    const [row] = await sessions();
    expect(row?.last_activity_at.getTime()).toBeGreaterThanOrEqual(row?.created_at.getTime());
  });
});
