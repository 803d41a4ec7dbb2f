import { describe, expect, it } from "vitest";
import { DAY_MS, SECOND_MS } from "../../app/lib/base/durations";
import {
  judgeCache,
  judgeChannel,
  judgeCleanup,
  judgeClocks,
  judgeConnection,
  judgeEnvironment,
  judgeGrants,
  judgeLatency,
  judgeMigrations,
  judgeRedis,
  judgeSettings,
  judgeStorage,
  judgeVersion,
  judgeWineries,
} from "../../app/lib/doctor-judgements.server";
import { readEnv } from "../../app/lib/env.server";

describe("E8: what doctor makes of what it finds", () => {
  it.each([
    { aheadMs: 0, status: "ok", found: "0 ms ahead of" },
    { aheadMs: SECOND_MS, status: "ok", found: "1.0 s ahead of" },
    { aheadMs: SECOND_MS + 1, status: "warn", found: "1.0 s ahead of" },
    { aheadMs: -1_500, status: "warn", found: "1.5 s behind" },
    { aheadMs: -30 * SECOND_MS, status: "warn", found: "30.0 s behind" },
    { aheadMs: 30 * SECOND_MS + 1, status: "fail", found: "30.0 s ahead of" },
    { aheadMs: -400 * DAY_MS, status: "fail", found: "400 days behind" },
  ])("clocks $aheadMs ms apart: $status", ({ aheadMs, status, found }) => {
    // A round trip of eight seconds: the database read its clock in the middle of it.
    const times = { askedAtMs: 1_000_000, answeredAtMs: 1_008_000, databaseMs: 1_004_000 + aheadMs };
    const verdict = judgeClocks(times);
    expect(verdict).toMatchObject({ status, found: `the database's clock is ${found} this machine's` });
    expect(verdict.mend === null).toBe(status === "ok");
  });

  it.each([
    ["15.0", "ok"],
    ["18.1 (Debian 18.1-1)", "ok"],
    ["14.20", "fail"],
    ["9.6", "fail"],
    ["", "fail"],
  ])("version %j: %s", (version, status) => {
    expect(judgeVersion(version).status).toBe(status);
  });

  it("latency: the middle one of the times counts", () => {
    expect(judgeLatency([900, 1.04, 49, 2, 0.5])).toMatchObject({
      status: "ok",
      found: "a session look-up takes 2.0 ms",
    });
    expect(judgeLatency([50, 0, 70, 60, 1]).status).toBe("warn");
  });

  it.each([
    { scheduled: true, overdue: 0, retentionDays: 90, status: "ok", says: "pg_cron cleans up daily" },
    { scheduled: false, overdue: 0, retentionDays: 30, status: "ok", says: "the app itself cleans up" },
    { scheduled: true, overdue: 0, retentionDays: 30, status: "warn", says: "90 days, not 30" },
    { scheduled: true, overdue: 2, retentionDays: 90, status: "fail", says: "yet 2 sessions" },
    { scheduled: false, overdue: 1, retentionDays: 90, status: "fail", says: "yet 1 session " },
  ])("clean-up: $says: $status", ({ status, says, ...state }) => {
    expect(judgeCleanup(state)).toMatchObject({ status, found: expect.stringContaining(says) });
  });

  it.each([
    ["direct", "direct (because), named prepared statements"],
    ["session pooler", "session pooler (because), named prepared statements"],
    ["transaction pooler", "transaction pooler (because), unnamed prepared statements"],
  ] as const)("connection: %s, with what says so", (mode, found) => {
    expect(judgeConnection({ mode, evidence: "because" })).toEqual({ status: "ok", found, mend: null });
  });

  it("migrations: none pending, some pending, and a wire that cannot tell but whose functions answer", () => {
    expect(judgeMigrations([]).status).toBe("ok");
    expect(judgeMigrations(undefined).status).toBe("ok");
    expect(judgeMigrations(["1_a", "2_b"])).toMatchObject({ status: "fail", found: "2 pending: 1_a, 2_b" });
  });

  it("grants: each refusal once; what is exposed", () => {
    expect(judgeGrants([], [], false).status).toBe("ok");
    expect(judgeGrants(["no", "no", "never"], [], false)).toMatchObject({
      status: "fail",
      found: "no; never",
    });
    expect(judgeGrants([], [], true)).toMatchObject({
      status: "fail",
      mend: expect.stringMatching(/bypassrls/),
    });
    expect(judgeGrants([], ["anon may use clients"], false)).toMatchObject({ status: "fail" });
  });

  it("channel: open, or only a warning, for every request then reads the database", () => {
    expect(judgeChannel(12.3)).toMatchObject({ status: "ok", found: "open after 12 ms" });
    expect(judgeChannel(undefined).status).toBe("warn");
  });

  it("cache: off, unused, within half of the heap, or beyond it", () => {
    const cache = { maxEntries: 10, maxBytes: 64 * 1024 * 1024 };
    expect(judgeCache({ ...cache, maxEntries: 0 }, true, 1)).toMatchObject({
      status: "ok",
      found: "off: every request reads the database",
    });
    expect(judgeCache(cache, false, 1).status).toBe("ok");
    expect(judgeCache(cache, true, 128 * 1024 * 1024)).toMatchObject({
      status: "ok",
      found: "up to 10 sessions in 64 MB",
    });
    expect(judgeCache(cache, true, 127 * 1024 * 1024).status).toBe("warn");
  });

  it.each([
    { NODE_ENV: "development", APP_URL: "http://localhost:3000", status: "ok" },
    { NODE_ENV: "development", APP_URL: "https://libero.example", status: "warn" },
    { NODE_ENV: "production", APP_URL: "https://libero.example", status: "ok" },
  ] as const)("environment: $NODE_ENV at $APP_URL: $status", ({ status, ...source }) => {
    const password = "correct horse battery";
    const DATABASE_URL = `postgres://libero:${encodeURIComponent(password)}@db.example/libero`;
    const SESSION_SECRET = "0123456789abcdefghijklmnopqrstuvwxyz";
    const credentials = { COMMERCE7_INSTALL_USERNAME: "libero", COMMERCE7_INSTALL_PASSWORD: password };
    const verdict = judgeEnvironment(readEnv({ ...source, ...credentials, DATABASE_URL, SESSION_SECRET }));
    expect(verdict.status).toBe(status);
    expect(JSON.stringify(verdict)).not.toMatch(/correct|0123456789/);
  });

  const harmless = { problem: "MAIL_FROM is odd", preventsSignIn: false };
  const grave = { problem: "SESSION_COOKIE_PATH is /app", preventsSignIn: true };

  it.each([
    { problems: [], status: "ok", found: "the session cookie reaches Commerce7's frame" },
    { problems: [harmless], status: "warn", found: "MAIL_FROM is odd" },
    { problems: [harmless, grave], status: "fail", found: "MAIL_FROM is odd\nSESSION_COOKIE_PATH is /app" },
  ])("settings: $problems.length problems: $status, a line each", ({ problems, ...verdict }) => {
    expect(judgeSettings(problems)).toEqual({ ...verdict, mend: null });
  });

  it.each([
    { installed: 0, status: "ok", found: /^none has installed.*https:\/\/libero.example\/install/ },
    { installed: 1, status: "ok", found: /^1 has installed Libero$/ },
    { installed: 12, status: "ok", found: /^12 have installed Libero$/ },
    { installed: undefined, status: "warn", found: /lacks the newest migration/ },
  ])("wineries: $installed: $status", ({ installed, status, found }) => {
    const verdict = judgeWineries(installed, new URL("https://libero.example"));
    expect(verdict).toMatchObject({ status, found: expect.stringMatching(found) });
  });

  const redis = (version: string, ...lines: string[]) =>
    judgeRedis({
      timesMs: [3, 1, 2],
      info: ["# Server", `redis_version:${version}`, "uptime_in_seconds:90", ...lines, ""].join("\r\n"),
    });

  it("redis: its version, since when it is up, how fast it answers", () => {
    expect(redis("7.0.15", "maxmemory:0", "maxmemory_policy:noeviction")).toEqual({
      status: "ok",
      found: "Redis 7.0.15, up for 90.0 s, answers in 2.0 ms",
      mend: null,
    });
  });

  it.each([
    ["6.0.16", "fail"],
    ["5.9.0", "fail"],
    ["6.2.0", "ok"],
    ["6.10.1", "ok"],
    ["10.0.0", "ok"],
  ])("redis %s: %s", (version, status) => {
    const { mend, ...verdict } = redis(version);
    expect(verdict.status).toBe(status);
    expect(mend).toEqual(status === "ok" ? null : expect.stringContaining("6.2"));
  });

  it("redis: what a host keeps to itself is no fault", () => {
    expect(judgeRedis({ timesMs: [4], info: "" })).toEqual({
      status: "ok",
      found: "answers in 4.0 ms; INFO, which would tell more, is not to be had",
      mend: null,
    });
    expect(judgeRedis({ timesMs: [4], info: "redis_version:7.2.0\r\n" })).toEqual({
      status: "ok",
      found: "Redis 7.2.0, answers in 4.0 ms; how much it may keep it does not tell",
      mend: null,
    });
  });

  it("redis: one that will refuse writes when it is full", () => {
    const full = (bytes: string, policy: string) =>
      redis("7.2.0", `maxmemory:${bytes}`, "maxmemory_human:1M", `maxmemory_policy:${policy}`);
    expect(full("1000000", "noeviction")).toMatchObject({
      status: "warn",
      found: expect.stringContaining("refuses writes when its 1000000 bytes are full"),
      mend: expect.stringContaining("volatile-lru"),
    });
    expect(full("0", "noeviction").status).toBe("ok");
    expect(full("1000000", "allkeys-lru").status).toBe("ok");
  });

  it.each([
    [119, "119.0 s"],
    [120, "2 minutes"],
    [7_199, "120 minutes"],
    [7_200, "2 hours"],
    [47 * 3_600, "47 hours"],
    [48 * 3_600, "2 days"],
  ])("an uptime of %d s is told as %s", (seconds, told) => {
    const info = `redis_version:7.2.0\r\nuptime_in_seconds:${seconds}\r\n`;
    expect(judgeRedis({ timesMs: [1], info }).found).toContain(`up for ${told}, `);
  });

  it("storage: the sentence, and a warning where sessions end with the process", () => {
    const verdict = (DATABASE_URL: string) =>
      judgeStorage("a sentence", readEnv({ NODE_ENV: "test", DATABASE_URL }));
    expect(verdict("pglite://x")).toEqual({ status: "ok", found: "a sentence", mend: null });
    expect(verdict("memory://")).toEqual({
      status: "warn",
      found: "a sentence",
      mend: expect.stringContaining("postgres://"),
    });
  });

  it("channel over Redis: the mend is there, and not at the pooler", () => {
    expect(judgeChannel(12.3, true)).toMatchObject({ status: "ok", found: "open after 12 ms, over Redis" });
    expect(judgeChannel(undefined, true)).toMatchObject({
      status: "warn",
      mend: "see what is said of Redis",
    });
    expect(judgeChannel(undefined, false).mend).toMatch(/transaction pooler.*DATABASE_DIRECT_URL/);
  });
});
