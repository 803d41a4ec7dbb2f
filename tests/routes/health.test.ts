import { expect, it } from "vitest";
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
  const channel = { state: expect.stringMatching(/^(open|closed)$/), since: expect.stringMatching(ISO) };
  expect(answer).toMatchObject({
    status: 200,
    body: { ready: true, stores: { database: { kind: "postgres", ...up }, redis: null, channel } },
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

it("D8: /readyz is not ready where the schema is gone", async () => {
  await app.sql.query("alter function public.app_session_cleanup_is_scheduled() rename to elsewhere");
  try {
    const body = {
      ready: false,
      reason: expect.stringContaining("lacks migrations"),
      stores: { database: { state: "down" } },
    };
    expect(await call(readyz as never, get("/readyz"))).toMatchObject({ status: 503, body });
  } finally {
    await app.sql.query("alter function public.elsewhere() rename to app_session_cleanup_is_scheduled");
  }
});

it("any other address is a 404 page, for forms too", async () => {
  for (const handler of [notFound, notFoundAction]) {
    expect(await call(handler as never, get("/wp-login.php"))).toMatchObject({
      status: 404,
      body: { fault: "not-found" },
    });
  }
});
