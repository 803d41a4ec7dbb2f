import { describe, expect, it } from "vitest";
import type { Health } from "../../../app/lib/base/breaker";
import { createMetrics } from "../../../app/lib/observability/metrics";

/** Metrics of two stores and a channel whose state the test may change between two readings. */
function openMetrics() {
  const database: Health = { state: "up", sinceMs: 0, latencyMs: 1.5, breaks: 0 };
  const redis: Health = { state: "up", sinceMs: 0, latencyMs: null, breaks: 0 };
  const channel = { open: true };
  const stores = { database: () => database, redis: () => redis };
  const registry = createMetrics({ stores, channelIsOpen: () => channel.open });
  const linesOf = async (metric: string) =>
    (await registry.metrics()).split("\n").filter((line) => new RegExp(`^${metric}[{ ]`).test(line));
  return { database, redis, channel, registry, linesOf };
}

describe("E8: metrics", () => {
  it("tell of each store whether it is up, how fast it answered, and how often it went down", async () => {
    const { linesOf } = openMetrics();
    expect(await linesOf("libero_store_up")).toEqual([
      'libero_store_up{store="database"} 1',
      'libero_store_up{store="redis"} 1',
    ]);
    // What has not answered yet has no time.
    expect(await linesOf("libero_store_latency_seconds")).toEqual([
      'libero_store_latency_seconds{store="database"} 0.0015',
    ]);
    expect(await linesOf("libero_store_breaks_total")).toEqual([
      'libero_store_breaks_total{store="database"} 0',
      'libero_store_breaks_total{store="redis"} 0',
    ]);
  });

  it("are as things are when they are asked for; a counter does not count its readers", async () => {
    const { redis, channel, linesOf } = openMetrics();
    expect(await linesOf("libero_channel_open")).toEqual(["libero_channel_open 1"]);
    Object.assign(redis, { state: "down", breaks: 2 });
    channel.open = false;
    for (let reading = 0; reading < 3; reading += 1) {
      expect(await linesOf("libero_store_up")).toContain('libero_store_up{store="redis"} 0');
      expect(await linesOf("libero_store_breaks_total")).toContain(
        'libero_store_breaks_total{store="redis"} 2',
      );
      expect(await linesOf("libero_channel_open")).toEqual(["libero_channel_open 0"]);
    }
  });

  it("are text that Prometheus reads: each of a type, with help, and the process' own", async () => {
    const { registry } = openMetrics();
    const lines = (await registry.metrics()).trimEnd().split("\n");
    const sample =
      /^[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (-?[\d.]+(e[+-]?\d+)?|\+Inf|NaN)$/i;
    const comment = /^# (HELP|TYPE) [a-z_:][a-z0-9_:]* \S/;
    expect(lines.filter((line) => line !== "" && !sample.test(line) && !comment.test(line))).toEqual([]);
    for (const type of [
      "libero_store_up gauge",
      "libero_store_latency_seconds gauge",
      "libero_store_breaks_total counter",
      "libero_channel_open gauge",
      "process_cpu_seconds_total counter",
      "nodejs_eventloop_lag_seconds gauge",
    ]) {
      expect(lines).toContain(`# TYPE ${type}`);
    }
  });
});
