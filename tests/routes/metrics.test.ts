import { expect, it } from "vitest";
import { loader as metrics } from "~/routes/metrics";
import { loader as readyz } from "~/routes/readyz";
import { call, get, openApp } from "../support/routes";

const TOKEN = "a token of the operator's";

openApp({ METRICS_TOKEN: TOKEN });

const ask = (authorization?: string) =>
  call(metrics as never, get("/metrics", undefined, authorization ? { authorization } : {}));

it("E8: tells Prometheus how the stores are", async () => {
  await call(readyz as never, get("/readyz"));
  const { status, headers, body } = await ask(`Bearer ${TOKEN}`);
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(body).toContain('libero_store_up{store="database"} 1\n');
  expect(body).toMatch(/libero_store_latency_seconds\{store="database"\} 0\.\d+\n/);
  expect(body).toContain('libero_store_breaks_total{store="database"} 0\n');
  expect(body).toMatch(/libero_channel_open [01]\n/);
  expect(body).toContain("process_cpu_seconds_total");
  // Asked again, a counter has not grown by itself.
  expect((await ask(`Bearer ${TOKEN}`)).body).toContain('libero_store_breaks_total{store="database"} 0\n');
});

it.each([
  ["nobody's token", undefined],
  ["a wrong one", "Bearer a token of somebody's"],
  ["a part of it", `Bearer ${TOKEN.slice(1)}`],
  ["Basic credentials", `Basic ${TOKEN}`],
])("E8: with %s there are none", async (_what, authorization) => {
  expect(await ask(authorization)).toMatchObject({ status: 404, body: "Not found\n" });
});
