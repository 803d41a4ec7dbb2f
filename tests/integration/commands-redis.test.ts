import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import { readEnv } from "../../app/lib/env.server";
import { wire } from "../../app/lib/wiring.server";
import {
  callSessions,
  examine,
  hasHome,
  OPERATOR_HOMES,
  type OperatorHome,
  runSessions,
} from "../support/commands";
import { aClient } from "../support/examples";
import { ask, hasRedis, type RedisServer, startRedis } from "../support/redis-server";

/** Nobody listens there. */
const NOWHERE = "redis://:geheim@127.0.0.1:9";

for (const kind of ["postgres", "supabase"] as const)
  describe.skipIf(!hasHome(kind))(`commands over ${kind}, with a Redis that is away`, () => {
    let home: OperatorHome;
    beforeAll(async () => {
      home = await OPERATOR_HOMES[kind]();
      await home.prepare(async () => {});
    });
    afterAll(() => home.close());

    it.each([["stats"], ["list"], ["cleanup"]])("D5, E8: %s works all the same, soon", async (name) => {
      const startedAtMs = performance.now();
      const outcome = await callSessions([name], { ...home.env, REDIS_URL: NOWHERE });
      expect(performance.now() - startedAtMs).toBeLessThan(10_000);
      expect(outcome).toEqual({ code: 0, stdout: expect.stringMatching(/\S/), stderr: "" });
    });

    it("D5: a command says so on standard error, and ends by itself", async () => {
      const { code, stdout, stderr } = await runSessions(["stats"], { ...home.env, REDIS_URL: NOWHERE });
      expect([code, stdout]).toEqual([0, expect.stringMatching(/\S/)]);
      expect(JSON.parse(stderr)).toMatchObject({
        level: 40,
        reason: expect.stringContaining("ECONNREFUSED"),
        msg: "Redis does not answer; everything goes on without it, slower",
      });
      expect(stderr).not.toContain("geheim");
    });

    it("E8: doctor says why Redis does not answer, waits for it once, and has nobody forget anything", async () => {
      const generation = async () => {
        let rows: unknown;
        await home.prepare(async (db) => {
          rows = await db.call("app_session_memory_generation");
        });
        return rows;
      };
      const before = await generation();
      const { code, stderr, checks } = await examine({ ...home.env, REDIS_URL: NOWHERE });
      expect([code, stderr]).toEqual([0, ""]);
      expect(checks.redis).toEqual({
        status: "warn",
        found: "Redis is not connected (connect ECONNREFUSED 127.0.0.1:9)",
        mend: expect.stringContaining("REDIS_URL"),
      });
      expect(checks.channel?.status).toBe(kind === "supabase" ? "warn" : "ok");
      expect(JSON.stringify(checks)).not.toContain("geheim");
      expect(await generation()).toEqual(before);
    });
  });

describe.skipIf(!hasRedis || !hasHome("supabase"))("commands with Redis", () => {
  let home: OperatorHome;
  let redis: RedisServer;
  beforeAll(async () => {
    home = await OPERATOR_HOMES.supabase();
    redis = await startRedis();
    await home.prepare(async () => {});
  });
  afterAll(async () => {
    await home.close();
    await redis.stop();
  });
  let another: RedisServer | undefined;
  afterEach(async () => {
    await another?.stop();
    another = undefined;
  });

  it("E8, E4: what is ended over supabase-js is told through Redis, and the processes end by themselves", async () => {
    const env = { ...home.env, REDIS_URL: redis.url };
    const app = wire(readEnv({ NODE_ENV: "test", LOG_LEVEL: "silent", ...env }));
    await app.start();
    await vi.waitFor(() => expect(app.channel?.epoch()).toBeDefined(), { timeout: 5_000 });
    const heard: unknown[] = [];
    app.channel?.subscribe((notice) => heard.push(notice));
    const { id: clientId } = await createSqlClientStore(app.db).install(aClient("bodega"));
    const user = { id: "jason-1", name: "Jason Andres", email: null, role: null };
    const { session, setCookie } = await app.sessions.start({ clientId, user, device: null });
    const cookie = setCookie.split(";")[0] as string;
    // The sign-in itself is told, too.
    await vi.waitFor(() => expect(heard.splice(0)).toEqual([{ clientId, userId: user.id }]), 5_000);

    for (const command of [["list"], ["show", session.id], ["cleanup"]]) {
      expect(await callSessions(command, env)).toMatchObject({ code: 0, stderr: "" });
    }
    expect(await runSessions(["stats"], env)).toMatchObject({ code: 0, stderr: "" });
    expect(heard).toEqual([]);
    await vi.waitFor(async () => expect(await keptInRedis(session.id)).toBe(true), 5_000);
    expect(await runSessions(["end", session.id, "--yes"], env)).toMatchObject({ code: 0, stderr: "" });
    expect(await keptInRedis(session.id)).toBe(false);
    await vi.waitFor(async () => expect(await app.sessions.read(cookie)).toBeUndefined(), 5_000);
    expect(heard).toEqual([{ sessionIds: [session.id] }]);
    await app.stop();

    /** Reads the session as the running app does, and says whether Redis has it then. */
    async function keptInRedis(id: string): Promise<boolean> {
      await app.store.find(id);
      const kept = await ask(redis.port, "get", `libero:session-2:${id}`);
      return kept !== null && !String(kept).startsWith("lease ");
    }
  });

  it("E8: doctor finds the channel over Redis, and leaves nothing there", async () => {
    await ask(redis.port, "flushall");
    const { code, checks } = await examine({ ...home.env, REDIS_URL: redis.url });
    expect(code).toBe(0);
    expect(checks.redis).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/^Redis \d+\.\d+\.\d+, up for /),
    });
    expect(checks.channel).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/^open after \d+ ms, over Redis$/),
    });
    expect(checks.cache).toMatchObject({ status: "ok", found: "up to 10000 sessions in 64 MB" });
    expect(await ask(redis.port, "dbsize")).toBe(0);
  });

  const allBut = (...forbidden: string[]) => [
    ...["--user", "default", "on", ">geheim", "~*", "&*", "+@all"],
    ...forbidden,
  ];

  it.each([
    [
      "warns of one that will be full, and knows it where CONFIG is forbidden",
      ["--maxmemory", "10mb", ...allBut("-config")],
      { status: "warn", found: expect.stringContaining("refuses writes when its 10485760 bytes are full") },
    ],
    [
      "says of one that forbids INFO that it answers",
      allBut("-info", "-config"),
      { status: "ok", found: expect.stringMatching(/^answers in [\d.]+ ms; INFO, which would tell more/) },
    ],
    [
      "says of one in which INFO has another name that it answers",
      ["--requirepass", "geheim", "--rename-command", "INFO", "", "--rename-command", "CONFIG", ""],
      { status: "ok", found: expect.stringMatching(/^answers in [\d.]+ ms; INFO, which would tell more/) },
    ],
    [
      "says that the password is wrong",
      ["--requirepass", "another"],
      { status: "warn", found: expect.stringContaining("WRONGPASS") },
    ],
  ])("E8: doctor %s", async (_what, options, expected) => {
    another = await startRedis(...options);
    const REDIS_URL = `redis://:geheim@127.0.0.1:${another.port}`;
    const { code, checks, stderr } = await examine({ ...home.env, REDIS_URL });
    expect(stderr).toBe("");
    expect([code, checks.redis]).toEqual([0, expect.objectContaining(expected)]);
    expect(JSON.stringify(checks)).not.toContain("geheim");
  });
});

it("E8: doctor examines memory:// as the app would have it, and warns of it", async () => {
  const { code, checks } = await examine({ DATABASE_URL: "memory://" });
  expect(code).toBe(0);
  expect(checks.storage).toEqual({
    status: "warn",
    found: expect.stringContaining("this process alone, and end with it"),
    mend: expect.stringContaining("DATABASE_URL=postgres://"),
  });
  expect(checks.migrations?.found).toBe("all applied");
  expect(
    Object.entries(checks)
      .filter(([, { status }]) => status !== "ok")
      .map(([name]) => name),
  ).toEqual(["storage"]);
});
