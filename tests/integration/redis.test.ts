import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Readiness } from "../../app/lib/health.server";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { examine } from "../support/commands";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { freePort } from "../support/free-port";
import { hasRedis, type RedisServer, startRedis } from "../support/redis-server";
import { Visitor } from "../support/visitor";

const TENANT = "spectrawinery";
const METRICS_TOKEN = "a token of the operator's";

describe.skipIf(!hasRedis)("the production build with Redis", () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let sandbox: Sandbox;
  let app: AppServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await startRedis();
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    app = await startApp(env({ REDIS_URL: redis.url, METRICS_TOKEN }));
    sandbox.setAppUrl(app.url);
    await sandbox.install(TENANT);
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.close();
    await redis.stop();
    await database.drop();
  });
  const env = (more: Record<string, string>) => ({
    DATABASE_URL: database.url,
    COMMERCE7_API_URL: `${sandbox.url}/v1`,
    ...more,
  });
  const readiness = async () => (await (await fetch(`${app.url}/readyz`)).json()) as Readiness;
  const metrics = async () => {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    return (await fetch(`${app.url}/metrics`, { headers })).text();
  };

  it("D4: says at its start, once, where sessions live and why", () => {
    const lines = app.output().match(/sessions live in [^"]*/g);
    expect(lines).toEqual([
      "sessions live in PostgreSQL (DATABASE_URL), with Redis in front of it (REDIS_URL) and up to 10000 of them in each process's cache",
    ]);
  });

  it("D5, D8: Redis away is told of, keeps nobody out, and is no reason not to be ready", async () => {
    const visitor = new Visitor(app.url);
    await visitor.open(TENANT, sandbox.accountToken(TENANT));
    const up = { state: "up", since: expect.any(String), latencyMs: expect.any(Number) };
    expect(await readiness()).toMatchObject({ ready: true, stores: { redis: up } });

    const said = (text: RegExp) => app.output().match(text)?.length;
    await redis.kill();
    await vi.waitFor(async () => {
      expect((await visitor.get("/app")).status).toBe(200);
      expect(await readiness()).toMatchObject({ ready: true, stores: { redis: { state: "down" } } });
      expect(said(/"Redis is out of reach: sessions are read from the database"/g)).toBe(1);
    }, 5_000);
    await redis.start();
    await vi.waitFor(async () => expect(await readiness()).toMatchObject({ stores: { redis: up } }), 5_000);
    expect(said(/"Redis is out of reach: sessions are read from the database"/g)).toBe(1);
    expect(said(/"Redis is back"/g)).toBe(1);
  });

  it("D8: the first PING without an answer is told, with its moment, before anything is left alone for it", async () => {
    const before = (await readiness()).stores.redis?.since as string;
    redis.pause();
    try {
      const { ready, stores } = await readiness();
      expect([ready, stores.redis?.state]).toEqual([true, "down"]);
      expect((stores.redis?.since as string) > before).toBe(true);
    } finally {
      redis.resume();
    }
    await vi.waitFor(async () => {
      expect(await readiness()).toMatchObject({ stores: { redis: { state: "up" } } });
    }, 5_000);
  });

  it("E8: metrics tell of Redis, and of each time that it went away", async () => {
    const breaks = async () =>
      Number(/^libero_store_breaks_total\{store="redis"\} (\d+)$/m.exec(await metrics())?.[1]);
    const already = await breaks();
    expect(await metrics()).toContain('libero_store_up{store="redis"} 1\n');
    await redis.kill();
    await vi.waitFor(async () => {
      await readiness();
      expect(await metrics()).toContain('libero_store_up{store="redis"} 0\n');
    }, 5_000);
    expect(await breaks()).toBe(already + 1);
    await redis.start();
    await vi.waitFor(async () => {
      await readiness();
      expect(await metrics()).toContain('libero_store_up{store="redis"} 1\n');
    }, 5_000);
    expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
    expect(app.output()).not.toContain(METRICS_TOKEN);
  });

  it("D5: it starts without the Redis that it was given", async () => {
    const alone = await startApp(env({ REDIS_URL: "redis://127.0.0.1:9" }));
    const visitor = new Visitor(alone.url);
    expect((await visitor.open(TENANT, sandbox.accountToken(TENANT))).status).toBe(302);
    expect((await visitor.get("/app")).status).toBe(200);
    const told = alone
      .output()
      .match(/^.*"Redis does not answer; everything goes on without it, slower".*$/gm);
    expect(told).toEqual([expect.stringContaining("connect ECONNREFUSED 127.0.0.1:9")]);
    expect(await alone.stop()).toBe(0);
  });

  it("E8: doctor tells how it is", async () => {
    const { code, checks } = await examine({ DATABASE_URL: database.url, REDIS_URL: redis.url });
    expect([code, checks.redis]).toEqual([
      0,
      {
        status: "ok",
        found: expect.stringMatching(/^Redis \d+\.\d+\.\d+, up for [\d.]+ m?s, answers in [\d.]+ ms$/),
        mend: null,
      },
    ]);
  });

  it("a Redis that is reached over TLS, with a password", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-tls-"));
    const pems = await generate([{ name: "commonName", value: "localhost" }], {
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
    });
    const [key, cert, port] = [join(folder, "key.pem"), join(folder, "cert.pem"), await freePort()];
    await writeFile(key, pems.private);
    await writeFile(cert, pems.cert);
    const tls = [
      "--tls-port",
      String(port),
      "--tls-key-file",
      key,
      "--tls-cert-file",
      cert,
      "--tls-ca-cert-file",
      cert,
    ];
    const server = await startRedis(...tls, "--tls-auth-clients", "no", "--requirepass", "secret");
    const secured = await startApp(
      env({ REDIS_URL: `rediss://:secret@localhost:${port}`, NODE_EXTRA_CA_CERTS: cert }),
    );
    const { stores } = (await (await fetch(`${secured.url}/readyz`)).json()) as {
      stores: { redis: unknown };
    };
    expect(stores.redis).toMatchObject({ state: "up", latencyMs: expect.any(Number) });
    expect(secured.output()).not.toContain("secret");
    await secured.stop();
    await server.stop();
  });
});
