import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRedisAddress } from "../../../app/lib/redis/address";

describe("the address of a Redis", () => {
  it.each([
    ["redis://localhost", { kind: "single", tls: false, nodes: [{ host: "localhost", port: 6379 }], db: 0 }],
    [
      "redis://:p%40ss@10.0.0.7:6380/3",
      { nodes: [{ host: "10.0.0.7", port: 6380 }], password: "p@ss", db: 3 },
    ],
    ["rediss://default:secret@eu1-a.upstash.io:6379", { tls: true, username: "default", password: "secret" }],
    ["redis://[::1]:6380", { nodes: [{ host: "::1", port: 6380 }] }],
    [
      "redis+sentinel://:secret@a,b:26380/main/2",
      {
        kind: "sentinel",
        nodes: [
          { host: "a", port: 26379 },
          { host: "b", port: 26380 },
        ],
        master: "main",
        password: "secret",
        db: 2,
      },
    ],
    [
      "rediss+cluster://a:7000,b:7001",
      {
        kind: "cluster",
        tls: true,
        nodes: [
          { host: "a", port: 7000 },
          { host: "b", port: 7001 },
        ],
        db: 0,
      },
    ],
  ])("%s", (url, expected) => {
    expect(parseRedisAddress(url)).toMatchObject(expected);
  });

  it.each([
    "",
    "localhost:6379",
    "http://localhost",
    "redis://",
    "redis://a,b",
    "redis://a:0",
    "redis://a:65536",
    "redis://a:b",
    "redis://a/one",
    "redis://a/1/2",
    "redis://:%@a",
    "redis://a?x=y",
    "redis+sentinel://a",
    "redis+sentinel://a/main/two",
    "redis+cluster://a/1",
    "redis+other://a",
  ])("%j is none", (url) => {
    expect(parseRedisAddress(url)).toBeUndefined();
  });

  it("never throws", () => {
    const url = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.string().map((rest) => `redis://${rest}`),
    );
    fc.assert(
      fc.property(url, (text) => void parseRedisAddress(text)),
      { numRuns: 2_000 },
    );
  });
});
