import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Fault, type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, type Environment, INSTALL, startApp } from "../support/app-server";
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
  let environment: Environment;
  let app: AppServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    const direct = new URL(database.url);
    gate = await startGate({ host: direct.hostname, port: Number(direct.port) });
    direct.port = String(gate.port);
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    environment = { DATABASE_URL: direct.href, COMMERCE7_API_URL: `${sandbox.url}/v1` };
    app = await startApp(environment);
    sandbox.setAppUrl(app.url);
  });
  beforeEach(async () => {
    sandbox.setFault("none");
    gate.reopen();
    // After a test without the database, it is left alone for a moment longer.
    await vi.waitFor(async () => expect((await sandbox.install(TENANT)).status).toBe(200), 5_000);
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

  it("G4: a fault page names the request, as the answer's header and the log's lines do", async () => {
    sandbox.setFault("refuse");
    const refused = await requestOf(await new Visitor(app.url).open(TENANT, sandbox.accountToken(TENANT)));
    expect(refused).toMatchObject({ status: 401, reference: refused.id });
    await vi.waitFor(() =>
      expect(linesOf(refused.id)).toContainEqual(
        expect.objectContaining({ msg: "request completed", res: { status: 401 } }),
      ),
    );
  });

  it("G4: a fault of ours is logged with its stack, and its page names the request and nothing of the fault", async () => {
    const visitor = await signedIn();
    await database.sql.query("alter table public.app_sessions rename column device to renamed");
    const broken = await requestOf(await visitor.get("/devices"));
    await database.sql.query("alter table public.app_sessions rename column renamed to device");
    expect(broken).toMatchObject({ status: 500, reference: broken.id });
    expect(broken.body).not.toMatch(TRACES);
    expect(broken.body).not.toContain("s.device");
    const [line] = await vi.waitFor(() => {
      const lines = linesOf(broken.id);
      expect(lines).not.toEqual([]);
      return lines;
    });
    expect(line.err.stack).toMatch(/column s\.device does not exist\n {4}at /);
  });

  it("A2: a winery without Libero is a 403 page", async () => {
    await sandbox.uninstall(TENANT);
    const answer = await open(new Visitor(app.url));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining("Libero is not installed")]);
  });

  it("R31: without the database a form is answered by the same page, and a webhook by when to come back", async () => {
    const visitor = await signedIn();
    const { cookie } = visitor;
    gate.shut();

    for (const path of ["/devices", "/settings", "/logout"]) {
      const response = await visitor.post(path, { intent: "end-own" });
      expect([path, ...comeBack(response)]).toEqual([path, 503, "5"]);
      expect(await response.text()).toMatch(/<h1[^>]*>Libero is taking a short break<\/h1>.*>Try again<\/a>/);
    }
    expect(comeBack(await visitor.post("/settings.data"))).toEqual([503, "5"]);
    expect(visitor.cookie).toBe(cookie);

    const authorization = `Basic ${Buffer.from(`${INSTALL.username}:${INSTALL.password}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/json" };
    const body = JSON.stringify({ tenantId: TENANT });
    const answer = await fetch(`${app.url}/uninstall`, { method: "POST", headers, body });
    expect(comeBack(answer)).toEqual([503, "5"]);
    expect(await answer.json()).toEqual({
      fault: "database",
      reference: answer.headers.get("x-request-id"),
    });
  });

  it("R31: without the database whoever is vouched for goes on, nobody else is let in, until it is back", async () => {
    const unheardOf = new Visitor(app.url);
    await open(unheardOf);
    const visitor = await signedIn();
    gate.shut();

    const overview = await visitor.get("/app");
    expect(overview.status).toBe(200);
    expect(await overview.text()).toContain("Sign-ins cannot be shown right now");
    expect((await visitor.get("/")).status).toBe(200);
    for (const path of ["/devices", "/settings"]) {
      const body = await expectShortBreak(visitor, path);
      expect(body).toMatch(new RegExp(`data-theme="light".*aria-current="page"[^>]* href="${path}"`));
    }
    for (const path of ["/app", "/"]) expect(await expectShortBreak(unheardOf, path)).not.toContain("<nav");
    expect((await new Visitor(app.url).get("/")).status).toBe(200);
    expect((await open(new Visitor(app.url))).status).toBe(503);
    expect((await sandbox.install(TENANT)).status).toBe(503);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${app.url}/readyz`);
    expect([readiness.status, await readiness.json()]).toEqual([
      503,
      expect.objectContaining({ ready: false, reason: "the database does not answer" }),
    ]);

    gate.reopen();
    await vi.waitFor(async () => expect((await visitor.get("/devices")).status).toBe(200), 5_000);
    expect((await unheardOf.get("/app")).status).toBe(200);
    expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({ ready: true });
  });

  it("R31: where memory may not vouch for anybody, every page waits for the database", async () => {
    const strict = await startApp({ ...environment, SESSION_OUTAGE_SECONDS: "0" });
    const visitor = Object.assign(new Visitor(strict.url), { cookie: (await signedIn()).cookie });
    expect((await visitor.get("/app")).status).toBe(200);
    gate.shut();
    // Memory answers until the instance has noticed that nothing tells it of changes any more.
    await vi.waitFor(async () => expect((await visitor.get("/app")).status).toBe(503), 5_000);
    for (const path of ["/app", "/devices", "/"]) {
      expect(await expectShortBreak(visitor, path)).not.toContain("<nav");
    }
    gate.reopen();
    await vi.waitFor(async () => expect((await visitor.get("/app")).status).toBe(200), 5_000);
    await strict.stop();
  });

  /** What the app logged of a request. */
  const linesOf = (id: string | null) =>
    app
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line))
      .filter(({ requestId }) => requestId === id);

  /** Somebody whose session the instance has in memory, which keeps nothing before it hears of changes. */
  async function signedIn(): Promise<Visitor> {
    const heard = `select from pg_stat_activity
      where application_name = 'libero listen' and datname = current_database() and query = 'select 1'`;
    await vi.waitFor(async () => expect((await database.sql.query(heard)).rowCount).not.toBe(0), 10_000);
    const visitor = new Visitor(app.url);
    await open(visitor);
    expect((await visitor.get("/app")).status).toBe(200);
    return visitor;
  }
});

/** Which request an answer and its page say they are of. */
async function requestOf(response: Response) {
  const body = await response.text();
  const [, reference] = /Reference (?:<!-- -->)?([\w.:-]+)/.exec(body) ?? [];
  return { status: response.status, id: response.headers.get("x-request-id"), reference, body };
}

const comeBack = ({ status, headers }: Response) => [status, headers.get("retry-after")];

async function expectShortBreak(visitor: Visitor, path: string): Promise<string> {
  const response = await visitor.get(path);
  const body = await response.text();
  expect([path, ...comeBack(response)]).toEqual([path, 503, "5"]);
  expect(body).toContain("taking a short break");
  expect(body).not.toMatch(TRACES);
  return body;
}
