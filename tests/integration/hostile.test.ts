import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";
const NAME = "__libero_session";

describe("what strangers may send, over HTTP, on the production build", () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let app: AppServer;
  let visitor: Visitor;

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    app = await startApp({ DATABASE_URL: database.url, COMMERCE7_API_URL: `${sandbox.url}/v1` });
    sandbox.setAppUrl(app.url);
    await sandbox.install(TENANT);
    visitor = new Visitor(app.url);
    await visitor.open(TENANT, sandbox.accountToken(TENANT));
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.close();
    await database.drop();
  });

  it("R2: a malformed, tampered or oversized cookie is no session, and never an error", async () => {
    const good = visitor.cookie?.slice(NAME.length + 1) ?? "";
    const [id, secret = "", mac] = good.split(".");
    const cookies = {
      empty: "",
      garbage: "%E0%A4%A;;;==\u00ff",
      "no signature": `${id}.${secret}`,
      "another secret": `${id}.${secret.replace(/^./, (c) => (c === "A" ? "B" : "A"))}.${mac}`,
      "another id": `00000000-0000-4000-8000-000000000000.${secret}.${mac}`,
      "cut short": good.slice(0, -1),
      "with more behind it": `${good}x`,
      "40 KB": "x".repeat(40_000),
    };
    for (const [what, value] of Object.entries(cookies)) {
      const response = await new Visitor(app.url).get("/app", { cookie: `${NAME}=${value}` });
      expect([what, response.status, response.headers.get("location")]).toEqual([what, 302, "/"]);
    }
  });

  it("R2: of several cookies with the name, the one that we signed counts", async () => {
    const cookie = `${NAME}=forged; other=1; ${visitor.cookie}`;
    expect((await new Visitor(app.url).get("/app", { cookie })).status).toBe(200);
  });

  it("R25: unsafe methods from a foreign origin are refused, and change nothing", async () => {
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: app.url, "sec-fetch-site": "same-site" },
      {},
    ];
    for (const headers of foreign) {
      for (const path of ["/logout", "/settings", "/logout.data", "/app"]) {
        const init = {
          method: "POST",
          headers: { cookie: visitor.cookie as string, ...headers },
          body: "a=b",
        };
        expect((await fetch(`${app.url}${path}`, { ...init, redirect: "manual" })).status).toBe(403);
      }
    }
    expect((await visitor.get("/app")).status).toBe(200);
  });

  it("R25: GET /logout changes nothing and leads back", async () => {
    const response = await visitor.get("/logout");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/app"]);
    expect((await visitor.get("/app")).status).toBe(200);
  });

  it("a folder of static files is not found, as any other path: nothing leads on from its name", async () => {
    for (const path of ["/assets", "/assets/", "//evil.example/../assets", "/assets?to=//evil.example"]) {
      const response = await visitor.get(path);
      expect([path, response.status, response.headers.get("location")]).toEqual([path, 404, null]);
    }
  });

  it("a form that is too large, or of unknown length, is refused", async () => {
    const response = await visitor.post("/settings", { contactEmail: "x".repeat(70_000) });
    expect(response.status).toBe(413);
    const chunked = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode("contactEmail="));
        controller.close();
      },
    });
    const init = {
      method: "POST",
      body: chunked,
      duplex: "half",
      headers: { origin: app.url, cookie: visitor.cookie },
    };
    expect((await fetch(`${app.url}/settings`, init as never)).status).toBe(411);
  });

  it("a form is taken behind a proxy that rewrites the Host, and from a browser that withholds its origin", async () => {
    const rewritten: Record<string, string>[] = [
      { "x-forwarded-host": "10.0.0.7" },
      { origin: "null" },
      { origin: "nonsense" },
    ];
    for (const headers of rewritten) {
      for (const path of ["/settings", "/settings.data"]) {
        // The form has more fields: 422 is its own answer.
        expect((await visitor.post(path, { contactEmail: "no address" }, headers)).status).toBe(422);
      }
    }
  });

  it("what there is not, or not by this method, is no failure of ours in the log", async () => {
    const path = "/favicon.ico";
    expect([(await visitor.get(path)).status, (await visitor.post("/app")).status]).toEqual([404, 405]);
    expect((await fetch(`${app.url}/install`)).status).toBe(405);
    expect(app.output()).not.toContain("request failed");
  });

  it("addresses that cannot be decoded, and unknown ones, are 4xx without a trace", async () => {
    for (const path of [
      "/%E0%A4%A",
      "/nowhere",
      "/assets/none.js",
      "/app/../../etc/passwd",
      "/.env",
      "/app%00",
    ]) {
      const response = await visitor.get(path);
      expect([path, response.status >= 400 && response.status < 500]).toEqual([path, true]);
      expect(await response.text()).not.toMatch(/\n\s+at |node_modules/);
    }
  });

  it("every page carries the security headers, and no X-Frame-Options", async () => {
    for (const path of ["/", "/app", "/settings", "/nowhere", "/healthz"]) {
      const { headers } = await visitor.get(path);
      const csp = headers.get("content-security-policy") ?? "";
      expect(csp).toContain("frame-ancestors https://*.commerce7.com");
      expect(csp).not.toContain(new URL(sandbox.url).host);
      expect(csp).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.has("x-frame-options")).toBe(false);
      expect(headers.has("x-powered-by")).toBe(false);
      expect(headers.has("strict-transport-security")).toBe(false);
    }
  });

  it("R27: over https the headers say so, and the cookie is Secure", async () => {
    const https = await startApp({
      DATABASE_URL: database.url,
      COMMERCE7_API_URL: `${sandbox.url}/v1`,
      APP_URL: "https://libero.example.com",
      TRUST_PROXY: "1",
    });
    const secure = new Visitor(https.url);
    const response = await secure.open(TENANT, sandbox.accountToken(TENANT));
    expect(response.headers.get("strict-transport-security")).toMatch(/max-age=31536000/);
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^__libero_session=[^;]+; Max-Age=28800; Path=\/; HttpOnly; Secure; Partitioned; SameSite=None$/,
    );
    await https.stop();
  });
});
