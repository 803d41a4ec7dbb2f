import autocannon from "autocannon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { hasRedis, startRedis } from "../support/redis-server";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";
const CONNECTIONS = 200;
const SESSIONS = 50;
/** `LOAD_SECONDS=5 npx vitest run --project load` for a quick look. */
const SECONDS = Number(process.env.LOAD_SECONDS ?? 60);

let database: TestDatabase;
let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
let sandbox: Sandbox;
let app: AppServer;

beforeAll(async () => {
  database = await createTestDatabase();
  redis = hasRedis ? await startRedis() : undefined;
  sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
  app = await startApp({
    DATABASE_URL: database.url,
    COMMERCE7_API_URL: `${sandbox.url}/v1`,
    ...(redis && { REDIS_URL: redis.url }),
  });
  sandbox.setAppUrl(app.url);
  await sandbox.install(TENANT);
});
afterAll(async () => {
  await app.stop();
  await sandbox.close();
  await redis?.stop();
  await database.drop();
});

async function signIn(): Promise<string> {
  const visitor = new Visitor(app.url);
  const { status } = await visitor.open(TENANT, sandbox.accountToken(TENANT));
  expect(status).toBe(302);
  return visitor.cookie ?? "";
}

const title = `${CONNECTIONS} connections of ${SESSIONS} people at /app for ${SECONDS} s: every page comes, and whole`;
it(title, { timeout: (SECONDS + 60) * 1_000 }, async () => {
  const cookies = await Promise.all(Array.from({ length: SESSIONS }, signIn));
  let next = 0;
  const result = await autocannon({
    url: `${app.url}/app`,
    connections: CONNECTIONS,
    duration: SECONDS,
    setupClient(client) {
      client.setHeaders({ accept: "text/html", cookie: cookies[next % SESSIONS] });
      next += 1;
    },
    verifyBody: (body) => /Jason Andres[\s\S]+<\/html>/.test(String(body)),
  });
  print(result);
  const { errors, timeouts, non2xx, mismatches, resets } = result;
  expect({ errors, timeouts, non2xx, mismatches, resets }).toEqual({
    errors: 0,
    timeouts: 0,
    non2xx: 0,
    mismatches: 0,
    resets: 0,
  });
  const complaints = app
    .output()
    .split("\n")
    .filter((line) => /"level":(40|50|60)/.test(line));
  // A real one would not be at localhost.
  expect(complaints.filter((line) => !line.includes("APP_URL is http://localhost"))).toEqual([]);
});

/** For whoever reads the run: what a machine with so many cores does is no business of an assertion. */
function print({ latency, requests }: autocannon.Result): void {
  const store = redis ? "PostgreSQL and Redis" : "PostgreSQL";
  process.stdout.write(
    `\n  GET /app, ${CONNECTIONS} connections, ${SECONDS} s, ${store}: ${Math.round(requests.average)} pages/s, ` +
      `p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${requests.total} pages\n\n`,
  );
}
