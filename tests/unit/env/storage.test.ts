import { describe, expect, it } from "vitest";
import { describeStorage } from "../../../app/lib/env/storage";
import { envOf, faultLines, PRODUCTION } from "./support";

describe("D4: memory is for development", () => {
  it.each(["memory://", "memory:"])("%s keeps nothing", (DATABASE_URL) => {
    expect(envOf({ DATABASE_URL }).database).toEqual({ kind: "memory", schema: "public" });
  });

  it.each([
    ["in production", PRODUCTION],
    ["wherever FORCE_PERSISTENT_SESSIONS=true", { FORCE_PERSISTENT_SESSIONS: "true" }],
  ])("%s it is refused", (_where, environment) => {
    expect(faultLines({ ...environment, DATABASE_URL: "memory://" })).toEqual([
      expect.stringMatching(
        /^DATABASE_URL: is memory:\/\/, where sessions end with the process; .*postgres:/,
      ),
    ]);
  });

  it("FORCE_PERSISTENT_SESSIONS lets everything else be", () => {
    expect(envOf({ FORCE_PERSISTENT_SESSIONS: "true" }).database.kind).toBe("pglite");
  });
});

describe("Redis", () => {
  it("is named by its address, with a prefix and a time-out", () => {
    expect(envOf({ REDIS_URL: "rediss://:secret@cache.example:6380/1" }).redis).toEqual({
      address: {
        kind: "single",
        tls: true,
        nodes: [{ host: "cache.example", port: 6380 }],
        password: "secret",
        db: 1,
      },
      prefix: "libero",
      timeoutMs: 50,
    });
    const chosen = { REDIS_URL: "redis://a", REDIS_KEY_PREFIX: "cellar:2", REDIS_TIMEOUT_MS: "80" };
    expect(envOf(chosen).redis).toMatchObject({ prefix: "cellar:2", timeoutMs: 80 });
  });

  it("no fault shows the address: it may hold a password", () => {
    expect(faultLines({ REDIS_URL: "redis://:geheim@a:b" }).join()).not.toContain("geheim");
  });
});

describe("D4: one sentence says where sessions live, and why", () => {
  it.each([
    [
      { DATABASE_URL: "postgres://u:geheim@a/b", REDIS_URL: "redis://:geheim@a" },
      "sessions live in PostgreSQL (DATABASE_URL), with Redis in front of it (REDIS_URL) and up to 10000 of them in each process's cache",
    ],
    [
      { DATABASE_URL: "postgres://u:geheim@a/b", SESSION_CACHE_ENTRIES: "0" },
      "sessions live in PostgreSQL (DATABASE_URL), with no Redis in front of it (no REDIS_URL) and no cache",
    ],
    [
      { SUPABASE_URL: "https://a.supabase.co", SUPABASE_SERVICE_ROLE_KEY: "k".repeat(40) },
      "sessions live in Supabase's PostgreSQL (SUPABASE_URL), with no Redis",
    ],
    [
      {},
      "sessions live in the embedded database (no server is named by DATABASE_URL or SUPABASE_URL), with no Redis",
    ],
    [
      { DATABASE_URL: "memory://" },
      "sessions live in this process alone, and end with it (DATABASE_URL is memory://)",
    ],
  ])("%#", (environment, sentence) => {
    const said = describeStorage(envOf(environment));
    expect(said).toContain(sentence);
    expect(said).not.toContain("geheim");
  });
});
