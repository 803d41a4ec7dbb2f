import { expect, it } from "vitest";
import { loader as app } from "~/routes/app";
import { action, loader } from "~/routes/uninstall";
import { webhook } from "../support/commerce7";
import { call, get, ORIGIN, openApp, TENANT } from "../support/routes";

const world = openApp();
const uninstall = (body: unknown = { tenantId: TENANT }, headers = {}) =>
  call(action, webhook("/uninstall", body, headers));

it("A7: ends every session of the client before it answers, and of no other", async () => {
  const cookies = [await world.install(), await world.install(), await world.install()];
  const other = await world.install("old-oak-estate");

  const answer = await uninstall();
  expect(answer).toMatchObject({
    status: 200,
    body: { uninstalled: true, tenantId: TENANT, endedSessions: 3 },
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const cookie of cookies) expect(await call(app, get("/app", cookie))).toRedirectTo("/");
  expect((await call(app, get("/app", other))).status).toBe(200);
  expect(await world.countSessions()).toBe(1);
});

it("is a soft delete: the client's row stays, marked", async () => {
  await world.install();
  await uninstall();
  const { rows } = await world.sql.query("select tenant_id, uninstalled_at from public.clients");
  expect(rows).toEqual([{ tenant_id: TENANT, uninstalled_at: expect.any(Date) }]);
});

it("A7: an unknown tenant is 200, and so is doing it twice: the platform may repeat itself", async () => {
  const nothing = { status: 200, body: { uninstalled: true, endedSessions: 0 } };
  expect(await uninstall()).toMatchObject(nothing);
  await world.install();
  await uninstall();
  expect(await uninstall()).toMatchObject(nothing);
});

it("keys that we do not know are passed over", async () => {
  expect(await uninstall({ tenantId: TENANT, user: 7, reason: { deep: [1] } })).toMatchObject({
    status: 200,
  });
});

it("E3: an install afterwards revives no session of before", async () => {
  const before = await world.install();
  await uninstall();
  await world.install();
  expect(await call(app, get("/app", before))).toRedirectTo("/");
});

it.each([
  ["no credentials", 401, { tenantId: TENANT }, { authorization: null }],
  ["wrong credentials", 401, { tenantId: TENANT }, { authorization: "Basic bGliZXJvOndyb25n" }],
  ["a bad tenant", 400, { tenantId: "../x" }, {}],
  ["not JSON", 400, "tenantId", {}],
  ["another type", 415, { tenantId: TENANT }, { "content-type": "text/plain" }],
  ["more than 64 KiB", 413, { tenantId: TENANT, more: "x".repeat(65_536) }, {}],
])("%s is answered %i, and nobody is signed out", async (_what, status, body, headers) => {
  const cookie = await world.install();
  expect(await uninstall(body, headers)).toMatchObject({ status, body: { error: expect.any(String) } });
  expect((await call(app, get("/app", cookie))).status).toBe(200);
});

it("any other method is 405", async () => {
  const answer = await call(loader as never, new Request(`${ORIGIN}/uninstall`));
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("POST");
});
