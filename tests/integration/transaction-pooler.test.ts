import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, type Environment, INSTALL, startApp } from "../support/app-server";
import { examine } from "../support/commands";
import { hasPgbouncer } from "../support/pgbouncer";
import { openPooled, type Pooled } from "../support/pooled";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";

/** Several processes of the app start in some of these tests. */
const TIMEOUT_MS = 120_000;

describe.skipIf(!hasPgbouncer)(
  "the app behind a PgBouncer that pools transactions (needs pgbouncer)",
  { timeout: TIMEOUT_MS },
  () => {
    let pooled: Pooled;
    let sandbox: Sandbox;
    let apps: AppServer[] = [];

    /** Instances of the built app that start at once. */
    const start = async (count: number, env: Environment = {}) => {
      const all = { DATABASE_URL: pooled.url, COMMERCE7_API_URL: `${sandbox.url}/v1`, ...env };
      apps = await Promise.all(Array.from({ length: count }, () => startApp(all)));
      sandbox.setAppUrl(first().url);
      expect((await sandbox.install(TENANT)).status).toBe(200);
    };
    const first = () => apps[0] as AppServer;
    const stop = () => Promise.all(apps.splice(0).map((app) => app.stop()));
    const signIn = async () => {
      const visitor = new Visitor(first().url);
      expect((await visitor.open(TENANT, sandbox.accountToken(TENANT))).status).toBe(302);
      return visitor;
    };
    /** The same browser at another instance, as a load balancer has it. */
    const at = ({ url }: AppServer, { cookie }: Visitor) => Object.assign(new Visitor(url), { cookie });
    const read = async (app: AppServer, visitor: Visitor, path = "/settings") => {
      const answer = await at(app, visitor).get(path);
      await answer.arrayBuffer();
      return answer;
    };
    const lines = (app: AppServer, message: string) =>
      app
        .output()
        .split("\n")
        .filter((line) => line.includes(message));

    beforeAll(async () => {
      sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    });
    afterAll(() => sandbox?.close());

    describe("two instances that start at once on an empty database, over a pool of five", () => {
      beforeAll(async () => {
        pooled = await openPooled({ default_pool_size: 5 }, "bare");
        await start(2);
      });
      afterAll(async () => {
        await stop();
        await pooled?.close();
      });

      it("200 requests at once, pages and sign-ins, are all answered", async () => {
        const visitor = await signIn();
        const requests = Array.from({ length: 200 }, async (_, i) => {
          const app = apps[i % 2] as AppServer;
          if (i % 8 === 0) return (await signIn()) && 302;
          return (await read(app, visitor, i % 3 ? "/settings" : "/app")).status;
        });
        const statuses = await Promise.all(requests);
        expect(statuses.filter((status) => status !== 200 && status !== 302)).toEqual([]);
      });

      it("signed out on one, refused by the other's next answer, 50 times", async () => {
        for (let round = 0; round < 50; round += 1) {
          const visitor = await signIn();
          const [here, there] = [apps[round % 2], apps[(round + 1) % 2]] as [AppServer, AppServer];
          expect((await read(there, visitor)).status).toBe(200);
          expect((await at(here, visitor).post("/logout")).status).toBe(302);
          expect((await read(there, visitor)).status).toBe(302);
        }
      });

      it("the log and /readyz say it, once", async () => {
        for (const app of apps) {
          expect(lines(app, "transaction pooler detected")).toHaveLength(1);
          expect(lines(app, "the invalidation channel is closed")).toEqual([
            expect.stringContaining("set DATABASE_DIRECT_URL"),
          ]);
          expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({
            ready: true,
            stores: {
              database: { connection: "transaction pooler", state: "up" },
              channel: { state: "closed" },
            },
          });
        }
      });

      it("doctor says it, and what to set for a cache", async () => {
        const { code, checks } = await examine({ DATABASE_URL: pooled.url });
        expect(code).toBe(0);
        expect(checks.connection).toEqual({
          status: "ok",
          found: "transaction pooler (connections share the server's processes), unnamed prepared statements",
          mend: null,
        });
        expect(checks.channel).toMatchObject({
          status: "warn",
          mend: expect.stringContaining("set DATABASE_DIRECT_URL"),
        });
      });
    });

    describe("with DATABASE_DIRECT_URL", () => {
      beforeAll(async () => {
        pooled = await openPooled();
        const name = new URL(pooled.directUrl).pathname.slice(1);
        await pooled.sql.query(`alter database ${name} set track_functions = 'all'`);
        await start(2, { DATABASE_DIRECT_URL: pooled.directUrl });
        for (const app of apps) {
          await vi.waitFor(
            () => expect(lines(app, "the invalidation channel is open")).toHaveLength(1),
            10_000,
          );
        }
      });
      afterAll(async () => {
        await stop();
        await pooled?.close();
      });

      it("each instance reads sessions from memory, and one that is signed out is refused by both", async () => {
        const lookUps = async () => {
          const { rows } = await pooled.sql.query(
            "select coalesce(sum(calls), 0)::integer as calls from pg_stat_user_functions where funcname = 'find_app_sessions'",
          );
          return rows[0].calls as number;
        };
        const visitor = await signIn();
        for (const app of apps) expect((await read(app, visitor)).status).toBe(200);
        const before = await lookUps();
        for (let round = 0; round < 50; round += 1) for (const app of apps) await read(app, visitor);
        // The server's own statistics arrive late; a cache that is off would bring a hundred.
        expect((await lookUps()) - before).toBeLessThan(25);

        expect((await at(first(), visitor).post("/logout")).status).toBe(302);
        await vi.waitFor(
          async () => {
            for (const app of apps) expect((await read(app, visitor)).status).toBe(302);
          },
          { timeout: 1_000, interval: 5 },
        );
      });

      it("doctor finds nothing wrong", async () => {
        const { code, checks } = await examine({
          DATABASE_URL: pooled.url,
          DATABASE_DIRECT_URL: pooled.directUrl,
        });
        expect(code).toBe(0);
        expect(checks.channel).toMatchObject({ status: "ok", found: expect.stringMatching(/^open after/) });
      });
    });

    describe("with fewer clients allowed than the instance has connections", () => {
      beforeAll(async () => {
        pooled = await openPooled({ max_client_conn: 4 });
      });
      beforeEach(stop);
      afterAll(async () => {
        await stop();
        await pooled?.close();
      });
      /**
       * Reads of which each needs a connection while the others hold theirs: a lock keeps their statements waiting until the
       * first is answered, or long enough for all of them to be sent.
       */
      const atOnce = async (count: number) => {
        const visitor = await signIn();
        const locking = new pg.Client(pooled.directUrl);
        await locking.connect();
        try {
          await locking.query("begin");
          await locking.query("lock table app_sessions, clients in access exclusive mode");
          const reads = Array.from({ length: count }, () => read(first(), visitor));
          await Promise.race([...reads, sleep(1_000)]);
          await locking.query("commit");
          return await Promise.all(reads);
        } finally {
          await locking.end();
        }
      };

      it("what finds no connection is answered 503 with Retry-After, and the log names DATABASE_POOL_MAX", async () => {
        await start(1, { DATABASE_POOL_MAX: "10" });
        const answers = await atOnce(60);
        const refused = answers.filter(({ status }) => status !== 200);
        expect(refused.length).toBeGreaterThan(0);
        for (const { status, headers } of refused) {
          expect([status, headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
        }
        expect(first().output()).toMatch(/takes no more connections .*lower DATABASE_POOL_MAX/);
        await vi.waitFor(async () => expect((await read(first(), await signIn())).status).toBe(200), 5_000);
      });

      it("with a DATABASE_POOL_MAX that fits, nothing is refused", async () => {
        await start(1, { DATABASE_POOL_MAX: "3" });
        expect((await atOnce(60)).filter(({ status }) => status !== 200)).toEqual([]);
      });
    });
  },
);
