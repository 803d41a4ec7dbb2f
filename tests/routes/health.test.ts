import { expect, it, vi } from "vitest";
import { loader as notFound, action as notFoundAction } from "~/routes/$";
import { loader as healthz } from "~/routes/healthz";
import { loader as readyz } from "~/routes/readyz";
import { call, get, openApp } from "../support/routes";

const app = openApp();

const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

it("D8: /healthz is up", async () => {
  const answer = await call(healthz as never, get("/healthz"));
  expect(answer).toMatchObject({ status: 200, body: { status: "up" } });
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

it("D8: /readyz is ready where the database answers", async () => {
  const answer = await call(readyz as never, get("/readyz"));
  const up = { state: "up", since: expect.stringMatching(ISO), latencyMs: expect.any(Number) };
  const cache = { state: expect.stringMatching(/^(up|down)$/), since: expect.stringMatching(ISO) };
  const channel = { state: expect.stringMatching(/^(open|closed)$/), since: expect.stringMatching(ISO) };
  expect(answer).toMatchObject({
    status: 200,
    body: { ready: true, stores: { database: { kind: "postgres", ...up }, redis: null, channel, cache } },
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

it("D8: /readyz tells that memory answers while the channel is open, and since when", async () => {
  await vi.waitFor(async () => {
    const { stores } = (await call(readyz as never, get("/readyz"))).body;
    expect([stores.channel.state, stores.cache.state]).toEqual(["open", "up"]);
    expect(stores.cache.since).toBe(stores.channel.since);
  }, 5_000);
});

it("D8: /readyz is not ready where the schema is gone", async () => {
  const before = (await call(readyz as never, get("/readyz"))).body.stores.database.since;
  const brokenAt = new Date().toISOString();
  await app.sql.query("alter function public.app_session_cleanup_is_scheduled() rename to elsewhere");
  try {
    const body = {
      ready: false,
      reason: expect.stringContaining("lacks migrations"),
      stores: { database: { state: "down" } },
    };
    const first = await call(readyz as never, get("/readyz"));
    expect(first).toMatchObject({ status: 503, body });
    const { since } = first.body.stores.database;
    expect(since >= brokenAt).toBe(true);
    // It is down since then, and not since it was looked at last.
    expect((await call(readyz as never, get("/readyz"))).body.stores.database.since).toBe(since);
  } finally {
    await app.sql.query("alter function public.elsewhere() rename to app_session_cleanup_is_scheduled");
  }
  const { database } = (await call(readyz as never, get("/readyz"))).body.stores;
  expect(database).toMatchObject({ state: "up", since: before });
});

it("any other address is a 404 page, for forms too", async () => {
  for (const handler of [notFound, notFoundAction]) {
    expect(await call(handler as never, get("/wp-login.php"))).toMatchObject({
      status: 404,
      body: { fault: "not-found" },
    });
  }
});
