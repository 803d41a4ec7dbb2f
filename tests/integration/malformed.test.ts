import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { basicAuth } from "../support/commerce7";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { liveMemory, WITH_INSPECTOR } from "../support/heap";
import { type Known, malformedRequests } from "../support/malformed/requests";
import { RawClient, type RawOutcome, type RawRequest } from "../support/raw-client";
import { RANDOM_RUNS, runCount } from "../support/run-length";
import { Visitor } from "../support/visitor";

const REQUESTS = runCount(1_000, 20_000);
const WARM_UP = REQUESTS / 4;
const AT_ONCE = 32;
/** So often the session that these requests may end is begun anew. */
const ROUND = 100;
const BUSY = "@the-busy-session@";

/** A run that found something is repeated with the seed that its title names: `MALFORMED_SEED=… npm test`. */
const SEED = Number(process.env.MALFORMED_SEED ?? randomInt(2 ** 31));

const TENANT = "spectrawinery";
/** These requests may do with it what they like. */
const OTHER_TENANT = "old-oak-estate";

/** Remix holds on to what it has streamed for five seconds. */
const SETTLED_MS = 6_000;

/** By then a server has let go of every request that it waits for (30 s); what is in use then is lost. */
const LET_GO_MS = 45_000;

/**
 * What may be in use after the last request beyond what was after the warm-up: caches that fill, compiled code. A leak
 * of one kilobyte a request would be 15 MB in the long run.
 */
const SLACK_MEGABYTES = 6;

/** Answers that many of these requests get: a test that only the server's parser answers to would test nothing. */
const GOOD_SHARE = [200, 302, 400, 401, 403, 404, 405];

/** What no answer may hold. */
const TRACES = /\n\s+at .+:\d+:\d+|node_modules|build\/server|postgres:\/\//;

describe("what no client of ours sends, over HTTP, on the production build and PostgreSQL", () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let app: AppServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    app = await startApp({
      DATABASE_URL: database.url,
      // Nobody is known here: the form for a link is there, and no mail goes out.
      SMTP_URL: "smtp://127.0.0.1:9",
      COMMERCE7_API_URL: `${sandbox.url}/v1`,
      LOG_LEVEL: "warn",
      // Whatever the headers of proxies say is believed, and so has to be borne.
      TRUST_PROXY: "1",
      RATE_LIMIT_SIGN_INS_PER_MINUTE: "0",
      RATE_LIMIT_INSTALLS_PER_MINUTE: "0",
      RATE_LIMIT_FAILURES_PER_MINUTE: "0",
      ...WITH_INSPECTOR,
    });
    sandbox.setAppUrl(app.url);
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.close();
    await database.drop();
  });

  const signIn = async (tenantId: string) => {
    const visitor = new Visitor(app.url);
    // An uninstall of the round before may come late: its client did not wait for the answer.
    await expect
      .poll(async () => {
        await sandbox.install(tenantId);
        return (await visitor.open(tenantId, sandbox.accountToken(tenantId))).status;
      })
      .toBe(302);
    return visitor;
  };

  const title = `R2: ${REQUESTS} malformed cookies, headers, addresses and bodies: no 5xx, no crash, memory flat`;
  it(`${title} (seed ${SEED})`, { timeout: 240_000, tags: [RANDOM_RUNS] }, async () => {
    const visitor = await signIn(TENANT);
    const known: Known = {
      url: app.url,
      good: visitor.cookie?.slice(visitor.cookie.indexOf("=") + 1) ?? "",
      busy: BUSY,
      authorization: basicAuth(INSTALL),
      account: sandbox.accountToken(OTHER_TENANT),
      otherTenantId: OTHER_TENANT,
    };
    const requests = fc.sample(malformedRequests(known), { seed: SEED, numRuns: REQUESTS });
    const found: string[] = [];
    const statuses = new Map<number, number>();
    const sendAll = async (some: RawRequest[]) => {
      for (let first = 0; first < some.length; first += ROUND) {
        const { cookie = "" } = await signIn(OTHER_TENANT);
        const round = some.slice(first, first + ROUND).map((request) => withCookie(request, cookie));
        found.push(...(await send(app, round, statuses)));
      }
    };

    await sendAll(requests.slice(0, WARM_UP));
    await sleep(SETTLED_MS);
    const before = await liveMemory(app);
    await sendAll(requests.slice(WARM_UP));

    expect(found.slice(0, 20)).toEqual([]);
    for (const status of GOOD_SHARE)
      expect([status, (statuses.get(status) ?? 0) > REQUESTS / 40]).toEqual([status, true]);
    expect((await visitor.get("/app")).status).toBe(200);
    expect(app.output()).not.toMatch(/"level":(50|60)/);
    expect(app.output()).not.toContain(known.good.split(".")[1]);
    const grownBy = async () => {
      const { heapMegabytes, buffersMegabytes } = await liveMemory(app);
      return Math.max(heapMegabytes - before.heapMegabytes, buffersMegabytes - before.buffersMegabytes);
    };
    await expect.poll(grownBy, { timeout: LET_GO_MS, interval: SETTLED_MS }).toBeLessThan(SLACK_MEGABYTES);
    expect(await app.stop()).toBe(0);
  });
});

function withCookie(request: RawRequest, cookie: string): RawRequest {
  const text = request.bytes.toString("latin1");
  return text.includes(BUSY)
    ? { ...request, bytes: Buffer.from(text.replaceAll(BUSY, cookie), "latin1") }
    : request;
}

/** Sends them all, some at a time. @returns those whose answer must not be */
async function send(
  app: AppServer,
  requests: RawRequest[],
  statuses: Map<number, number>,
): Promise<string[]> {
  const found: string[] = [];
  const waiting = requests.values();
  const work = async () => {
    const client = new RawClient(Number(new URL(app.url).port));
    for (const request of waiting) {
      const outcome = await client.send(request);
      for (const { status } of outcome.answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const text = request.bytes.toString("latin1");
      const fault = faultOf(outcome, request.alone || text.startsWith("CONNECT "));
      if (fault) found.push(`${fault} to ${JSON.stringify(text.slice(0, 600))}`);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** @param mayClose whether the server may end the connection and say nothing */
function faultOf({ answers, hung }: RawOutcome, mayClose: boolean): string | undefined {
  if (hung) return "hangs";
  if (answers.length === 0) return mayClose ? undefined : "no answer";
  for (const { status, text } of answers) {
    if (!(status < 500)) return `${status} ${text.slice(-80)}`;
    const trace = TRACES.exec(text);
    if (trace)
      return `${status} with ${JSON.stringify(text.slice(Math.max(0, trace.index - 200), trace.index + 200))}`;
  }
  return undefined;
}
