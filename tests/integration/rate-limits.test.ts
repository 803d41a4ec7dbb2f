import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";
const LIMIT = 3;

describe("C5: rate limits, over HTTP, on the production build", () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let direct: AppServer;
  let proxied: AppServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    const env = {
      DATABASE_URL: database.url,
      COMMERCE7_API_URL: `${sandbox.url}/v1`,
      RATE_LIMIT_SIGN_INS_PER_MINUTE: String(LIMIT),
      RATE_LIMIT_INSTALLS_PER_MINUTE: String(LIMIT),
    };
    direct = await startApp(env);
    proxied = await startApp({ ...env, TRUST_PROXY: "1" });
    sandbox.setAppUrl(direct.url);
    await sandbox.install(TENANT);
  });
  afterAll(async () => {
    await Promise.all([direct.stop(), proxied.stop()]);
    await sandbox.close();
    await database.drop();
  });

  const open = (app: AppServer, forwardedFor: string) => {
    const query = new URLSearchParams({ tenantId: TENANT, account: sandbox.accountToken(TENANT) });
    return new Visitor(app.url).get(`/app?${query}`, { "x-forwarded-for": forwardedFor });
  };
  const statuses = async (times: number, attempt: (i: number) => Promise<Response>) => {
    const answers = [];
    for (let i = 0; i < times; i += 1) answers.push((await attempt(i)).status);
    return answers;
  };

  it("an address in a header counts for nothing where no proxy is trusted, and the log says so", async () => {
    const attempts = await statuses(LIMIT + 1, (i) => open(direct, `192.0.2.${i}`));
    expect(attempts).toEqual([302, 302, 302, 429]);
    const told = direct.output().match(/X-Forwarded-For.*set TRUST_PROXY/g);
    expect(told).toHaveLength(1);
  });

  it("behind a trusted proxy the address that it saw counts, whatever its client wrote before it", async () => {
    const attempts = await statuses(LIMIT + 1, (i) => open(proxied, `203.0.113.${i}, 198.51.100.7`));
    expect(attempts).toEqual([302, 302, 302, 429]);
    expect((await open(proxied, "203.0.113.0, 198.51.100.8")).status).toBe(302);
    expect((await open(proxied, "198.51.100.7, 198.51.100.9")).status).toBe(302);
    expect(proxied.output()).not.toContain("set TRUST_PROXY");
  });

  it("who is refused gets a page that says so and when to come again, and nothing of the token", async () => {
    await statuses(LIMIT, () => open(proxied, "198.51.100.20"));
    const calls = sandbox.accountCalls();
    const answer = await open(proxied, "198.51.100.20");
    const body = await answer.text();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(body).toContain("<title>Too many attempts in a short time · Libero</title>");
    expect(body).toMatch(/<h1[^>]*>Too many attempts in a short time<\/h1>/);
    expect(body).not.toContain(sandbox.accountToken(TENANT).split(".")[1]);
    expect(sandbox.accountCalls()).toBe(calls);
  });

  it("webhooks that come too often are refused in JSON, before their body is asked for", async () => {
    const headers = { "x-forwarded-for": "198.51.100.30", "content-type": "application/json" };
    const credentials = Buffer.from(`${INSTALL.username}:${INSTALL.password}`).toString("base64");
    const send = () =>
      fetch(`${proxied.url}/uninstall`, {
        method: "POST",
        headers: { ...headers, authorization: `Basic ${credentials}` },
        body: JSON.stringify({ tenantId: "nobody-here" }),
      });
    expect(await statuses(LIMIT, send)).toEqual([200, 200, 200]);
    const answer = await send();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/^too many webhooks/) });
  });
});
