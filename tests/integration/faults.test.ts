import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Fault, type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { startGate } from "../support/tcp-gate";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";

/** What no answer may hold, whatever went wrong. */
const TRACES = /\n\s+at |node_modules|build\/server|ECONNREFUSED|postgres:\/\//;

describe("when something is away, over HTTP, on the production build", () => {
  let database: TestDatabase;
  let gate: Awaited<ReturnType<typeof startGate>>;
  let sandbox: Sandbox;
  let app: AppServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    const direct = new URL(database.url);
    gate = await startGate({ host: direct.hostname, port: Number(direct.port) });
    direct.port = String(gate.port);
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    app = await startApp({ DATABASE_URL: direct.href, COMMERCE7_API_URL: `${sandbox.url}/v1` });
    sandbox.setAppUrl(app.url);
  });
  beforeEach(async () => {
    sandbox.setFault("none");
    gate.reopen();
    await sandbox.install(TENANT);
  });
  afterAll(async () => {
    await app.stop();
    await gate.stop();
    await sandbox.close();
    await database.drop();
  });

  const open = async (visitor: Visitor) => {
    const response = await visitor.open(TENANT, sandbox.accountToken(TENANT));
    return { status: response.status, body: await response.text() };
  };

  it.each<[Fault, number, string]>([
    ["refuse", 401, "Commerce7 did not confirm your access"],
    ["no-id", 401, "Commerce7 did not confirm your access"],
    ["500", 503, "Commerce7 cannot be reached right now"],
    ["html", 503, "Commerce7 cannot be reached right now"],
    ["hang", 503, "Commerce7 cannot be reached right now"],
  ])("A2: Commerce7 that answers %s is a %i page", async (fault, status, title) => {
    sandbox.setFault(fault);
    const visitor = new Visitor(app.url);
    const started = Date.now();
    const answer = await open(visitor);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`<title>${title} · Libero</title>`);
    expect(answer.body).toMatch(new RegExp(`<h1[^>]*>${title}</h1>`));
    expect(answer.body).not.toContain(sandbox.accountToken(TENANT).split(".")[1]);
    expect(answer.body).not.toMatch(TRACES);
    expect(visitor.cookie).toBeUndefined();
    // Measured in whole seconds: a hanging platform is given up after eight.
    if (fault === "hang") expect(Math.round((Date.now() - started) / 1000)).toBe(8);
  });

  it("A2: a Commerce7 that is gone altogether is a 503 page, and nobody who is signed in notices", async () => {
    const alone = await startApp({ DATABASE_URL: database.url, COMMERCE7_API_URL: "http://127.0.0.1:9/v1" });
    const visitor = new Visitor(app.url);
    await open(visitor);
    const elsewhere = Object.assign(new Visitor(alone.url), { cookie: visitor.cookie });
    expect((await elsewhere.get("/app")).status).toBe(200);
    expect((await open(new Visitor(alone.url))).status).toBe(503);
    await alone.stop();
  });

  it("A2: a winery without Libero is a 403 page", async () => {
    await sandbox.uninstall(TENANT);
    const answer = await open(new Visitor(app.url));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining("Libero is not installed")]);
  });

  it("R31: without the database every page is 503, nobody is let in, and all goes on when it is back", async () => {
    const visitor = new Visitor(app.url);
    await open(visitor);
    gate.shut();

    for (const path of ["/app", "/settings", "/"]) {
      const response = await visitor.get(path);
      const body = await response.text();
      expect([path, response.status, response.headers.get("retry-after")]).toEqual([path, 503, "5"]);
      expect(body).toContain("taking a short break");
      expect(body).not.toMatch(TRACES);
    }
    expect((await new Visitor(app.url).get("/")).status).toBe(200);
    expect((await open(new Visitor(app.url))).status).toBe(503);
    expect((await visitor.post("/logout")).status).toBe(503);
    expect((await sandbox.install(TENANT)).status).toBe(503);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${app.url}/readyz`);
    expect([readiness.status, await readiness.json()]).toEqual([
      503,
      { ready: false, reason: "the database does not answer" },
    ]);

    gate.reopen();
    expect((await visitor.get("/app")).status).toBe(200);
    expect(await (await fetch(`${app.url}/readyz`)).json()).toEqual({ ready: true, database: "postgres" });
  });
});
