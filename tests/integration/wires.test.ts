import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, type Environment, INSTALL, startApp } from "../support/app-server";
import { hasHome } from "../support/commands";
import { createTestDatabase } from "../support/database";
import { copyEmbedded } from "../support/embedded-database";
import { startPostgrest } from "../support/postgrest";
import { startSupabaseGateway } from "../support/supabase-gateway";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";

/** A database for the app, by the variables that name it, and how to let go of it. */
type Home = { env: Environment; close: () => Promise<void> };

const HOMES: Record<"supabase" | "pglite", () => Promise<Home>> = {
  async supabase() {
    const { url, drop } = await createTestDatabase();
    const postgrest = await startPostgrest(url, { maxRows: 1 });
    const gateway = await startSupabaseGateway(postgrest);
    const env = { SUPABASE_URL: gateway.url, SUPABASE_SECRET_KEY: gateway.secretKey };
    return { env, close: () => gateway.stop().then(postgrest.stop).then(drop) };
  },
  async pglite() {
    return { env: { DATABASE_URL: `pglite://${await copyEmbedded()}` }, close: async () => {} };
  },
};

for (const kind of ["supabase", "pglite"] as const)
  describe.skipIf(!hasHome(kind))(`the main job on ${kind}, over HTTP, on the production build`, () => {
    let home: Home;
    let sandbox: Sandbox;
    let app: AppServer;
    let env: Environment;

    beforeAll(async () => {
      home = await HOMES[kind]();
      sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
      env = { ...home.env, COMMERCE7_API_URL: `${sandbox.url}/v1` };
      app = await startApp(env);
      sandbox.setAppUrl(app.url);
    });
    afterAll(async () => {
      await app.stop();
      await sandbox.close();
      await home.close();
    });

    it("D6: install, open, browse, restart, go on, sign out, uninstall", async () => {
      expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({
        ready: true,
        stores: { database: { kind } },
      });
      expect((await sandbox.install(TENANT)).status).toBe(200);
      const visitor = new Visitor(app.url);
      await visitor.open(TENANT, sandbox.accountToken(TENANT), "dark");
      for (const [path, status, title] of [
        ["/app", 200, "Overview"],
        ["/settings", 200, "Settings"],
        ["/nowhere", 404, "No page at this address"],
      ] as const) {
        const page = await visitor.get(path);
        const body = await page.text();
        expect(page.status).toBe(status);
        expect(body).toContain('data-theme="dark"');
        expect(body).toContain(`<title>${title} · Libero</title>`);
      }

      const unset = ["defaultTheme", "sessionMaxAgeSeconds", "sessionIdleTimeoutSeconds"].concat([
        "sessionRenewalLimitSeconds",
        "sessionMaxPerUser",
        "sessionAtLimit",
      ]);
      const settings = {
        ...Object.fromEntries(unset.map((name) => [`shown:${name}`, ""])),
        "shown:contactEmail": "jason@spectrawinery.example",
        contactEmail: "us@spectra.example",
        defaultTheme: "",
        sessionMaxAgeSeconds: "3600",
        sessionIdleTimeoutSeconds: "900",
        sessionRenewalLimitSeconds: "0",
        sessionMaxPerUser: "5",
        sessionAtLimit: "end-oldest",
      };
      expect((await visitor.post("/settings", settings)).status).toBe(200);

      expect(await app.stop()).toBe(0);
      app = await startApp({ ...env, PORT: new URL(app.url).port });
      expect(await (await visitor.get("/settings")).text()).toContain("us@spectra.example");

      expect((await visitor.post("/logout")).headers.get("location")).toBe("/");
      expect((await visitor.get("/app")).headers.get("location")).toBe("/");
      const again = await visitor.open(TENANT, sandbox.accountToken(TENANT));
      expect(again.headers.getSetCookie()[0]).toContain("Max-Age=3600");
      expect((await sandbox.uninstall(TENANT)).status).toBe(200);
      expect((await visitor.get("/app")).headers.get("location")).toBe("/");
    });
  });
