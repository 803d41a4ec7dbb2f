import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { basicAuth } from "../support/commerce7";
import { createTestDatabase, type TestDatabase } from "../support/database";

/**
 * No work before a sign-in grows faster than the request: a byte of a long request costs the app as much as a byte of a short
 * one. Time is the app's processor time, which other work on the machine does not lengthen.
 */
let database: TestDatabase;
let app: AppServer;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ DATABASE_URL: database.url, LOG_LEVEL: "error" });
});
afterAll(async () => {
  await app.stop();
  await database.drop();
});

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string };

/** Sends a request as it is, which `fetch` would correct, and waits for the answer's end. @returns its status */
function send({ method = "GET", path = "/", headers = {}, body }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(app.url, { method, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    request.end(body);
  });
}

const TICKS_PER_SECOND = 100;

/** Seconds of processor time that the app has used so far (proc(5): utime and stime of /proc/pid/stat). */
function processorSeconds(): number {
  const fields = readFileSync(`/proc/${app.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

const TIMES = 12;

async function secondsFor(sent: Sent): Promise<number> {
  const before = processorSeconds();
  for (let time = 0; time < TIMES; time += 1) await send(sent);
  return processorSeconds() - before;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const MULTIPART = { "content-type": "multipart/form-data; boundary=b" };
const WEBHOOK = { "content-type": "application/json", authorization: basicAuth(INSTALL) };

/** Something repeated, in each part of a request that a stranger fills. */
const KINDS: Record<string, (unit: string, bytes: number) => Sent> = {
  "a path": (unit, bytes) => ({ path: `/${repeat(unit, bytes)}` }),
  "a path of slashes": (_unit, bytes) => ({ path: repeat("/a", bytes) }),
  "a query": (unit, bytes) => ({ path: `/login?${repeat(`${unit}=${unit}&`, bytes)}` }),
  "an address of the admin's": (unit, bytes) => ({ path: `/app?tenantId=a&account=${repeat(unit, bytes)}` }),
  "a header": (unit, bytes) => ({ path: "/login", headers: { "x-a": repeat(unit, bytes) } }),
  "proxies' addresses": (unit, bytes) => ({
    path: "/login",
    headers: {
      "x-forwarded-for": repeat(`${unit},`, bytes),
      "x-forwarded-proto": repeat("http,", bytes / 4),
    },
  }),
  "a user agent": (unit, bytes) => ({ path: "/login", headers: { "user-agent": repeat(unit, bytes) } }),
  cookies: (unit, bytes) => ({ path: "/app", headers: { cookie: repeat(`${unit}=${unit}; `, bytes) } }),
  "cookies of our names": (unit, bytes) => ({
    path: "/app",
    headers: { cookie: repeat(`__libero_session=${unit}.${unit}; __session=${unit}; `, bytes) },
  }),
  "a content type": (unit, bytes) => ({
    method: "POST",
    path: "/install",
    headers: { ...WEBHOOK, "content-type": `application/json;${repeat(` ${unit};`, bytes)}` },
    body: "{}",
  }),
  credentials: (unit, bytes) => ({
    method: "POST",
    path: "/install",
    headers: { "content-type": "application/json", authorization: `Basic ${repeat(unit, bytes)}` },
    body: "{}",
  }),
  "a form": (unit, bytes) => ({
    ...{ method: "POST", path: "/login", headers: { ...FORM, origin: app.url } },
    body: repeat(`${unit}=${unit}&`, bytes),
  }),
  "an e-mail address": (unit, bytes) => ({
    ...{ method: "POST", path: "/login", headers: { ...FORM, origin: app.url } },
    body: `email=${encodeURIComponent(repeat(unit, bytes / 3))}`,
  }),
  "a multipart form": (unit, bytes) => ({
    ...{ method: "POST", path: "/login", headers: { ...MULTIPART, origin: app.url } },
    body: `${repeat(`--b\r\ncontent-disposition: form-data; name="${unit}"\r\n\r\n${unit}\r\n`, bytes)}--b--\r\n`,
  }),
  "a webhook's body": (unit, bytes) => ({
    ...{ method: "POST", path: "/install", headers: WEBHOOK },
    body: JSON.stringify({ tenantId: repeat(unit, bytes) }),
  }),
  "a webhook's body of lists in lists": (_unit, bytes) => ({
    ...{ method: "POST", path: "/install", headers: WEBHOOK },
    body: `{"tenantId":"a","x":${"[".repeat(bytes / 2)}${"]".repeat(bytes / 2)}}`,
  }),
};

const repeat = (unit: string, bytes: number) => unit.repeat(Math.max(1, Math.floor(bytes / unit.length)));

const [SHORT, LONG] = [3_500, 56_000];

/** As the characters that parsers look for, and those that backtracking is afraid of. */
const unit = fc.stringMatching(/^[a/=%.:@,-]{1,4}$/).map((text) => text.replace(/%/g, "%25"));

it.skipIf(process.platform !== "linux").each(Object.keys(KINDS))("%s", { timeout: 60_000 }, async (kind) => {
  const sent = KINDS[kind] as (unit: string, bytes: number) => Sent;
  await secondsFor(sent("a", SHORT));
  for (const text of ["a", "a/", "=", ...fc.sample(unit, 2)]) {
    const [short, long] = [await secondsFor(sent(text, SHORT)), await secondsFor(sent(text, LONG))];
    // Sixteen times the bytes; a clock of hundredths, and what every request costs, are in both.
    const limit = Math.min(16 * (short + 0.05), 0.1 * TIMES);
    expect(long, `${kind} of ${JSON.stringify(text)}: ${short} s short, ${long} s long`).toBeLessThan(limit);
  }
});
