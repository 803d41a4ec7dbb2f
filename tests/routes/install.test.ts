import { describe, expect, it } from "vitest";
import { loader as app } from "~/routes/app";
import { action, loader } from "~/routes/install";
import { installBody, webhook } from "../support/commerce7";
import { call, cookieOf, get, ORIGIN, openApp, sessionIdOf, TENANT } from "../support/routes";

const world = openApp();
const install = (body: unknown, headers = {}) => call(action, webhook("/install", body, headers));

it("A1: creates the client and a session, and sets the cookie", async () => {
  const answer = await install({ ...installBody(TENANT), "club-name": "The Cellar" });
  expect(answer).toMatchObject({ status: 200, body: { installed: true, tenantId: TENANT } });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer).toSetSessionCookie();

  const { rows: clients } = await world.sql.query("select * from public.clients");
  expect(clients).toMatchObject([
    {
      tenant_id: TENANT,
      uninstalled_at: null,
      install_settings: { "club-name": "The Cellar" },
      contact_email: "jason@example.com",
    },
  ]);
  const { rows: sessions } = await world.sql.query("select * from public.app_sessions");
  expect(sessions).toMatchObject([
    {
      id: sessionIdOf(cookieOf(answer)),
      client_id: clients[0].id,
      user_id: "12211212-2706-4e36-bcf5-57a9248edcdf",
      user_name: "Jason Andres",
      user_email: "jason@example.com",
      user_role: null,
    },
  ]);
});

it("R19, R20, R21, R23, E7: the cookie works inside the admin's frame, and scripts cannot read it", async () => {
  const { headers } = await install(installBody(TENANT));
  const [cookie = ""] = headers.getSetCookie();
  expect(cookie.split("; ").slice(1).sort()).toEqual(
    ["HttpOnly", "Max-Age=28800", "Partitioned", "Path=/", "SameSite=None", "Secure"].sort(),
  );
});

it("A1, A3: with that cookie /app opens, and Commerce7 is never asked", async () => {
  const calls = world.sandbox.accountCalls();
  const cookie = cookieOf(await install(installBody(TENANT)));
  const answer = await call(app, get("/app", cookie));
  expect(answer).toMatchObject({ status: 200, body: { session: { tenantId: TENANT } } });
  expect(world.sandbox.accountCalls()).toBe(calls);
});

it("A5: sessions last eight hours by default", async () => {
  await world.install();
  const { rows } = await world.sql.query(
    "select extract(epoch from expires_at - created_at)::integer as seconds from public.app_sessions",
  );
  expect(rows).toEqual([{ seconds: 28_800 }]);
});

it("E1, R36: the database holds the secret nowhere", async () => {
  const [, secret] = (await world.install()).split(".");
  const { rows } = await world.sql.query(
    "select s::text, encode(s.secret_hash, 'escape') as raw from app_sessions s",
  );
  expect(rows).toHaveLength(1);
  expect(secret).toHaveLength(43);
  expect(JSON.stringify(rows)).not.toContain(secret);
});

it("A1: a second install is no second client, and what the app has set stays", async () => {
  await world.install();
  await world.sql.query(
    "update public.clients set contact_email = 'cellar@example.com', default_theme = 'dark'",
  );
  const answer = await install({ ...installBody(TENANT), "club-name": "New" });
  expect(answer.status).toBe(200);
  const { rows } = await world.sql.query("select * from public.clients");
  expect(rows).toMatchObject([
    { contact_email: "cellar@example.com", default_theme: "dark", install_settings: { "club-name": "New" } },
  ]);
});

it("A1: an install after an uninstall reactivates the same client", async () => {
  await world.install();
  const { rows: before } = await world.sql.query(
    "update public.clients set uninstalled_at = now() returning id",
  );
  const cookie = await world.install();
  const { rows: after } = await world.sql.query("select id, uninstalled_at from public.clients");
  expect(after).toEqual([{ id: before[0].id, uninstalled_at: null }]);
  expect((await call(app, get("/app", cookie))).status).toBe(200);
});

it("a body that names nobody installs the client and signs nobody in", async () => {
  const answer = await install({ tenantId: TENANT, user: null });
  expect(answer).toMatchObject({ status: 200, body: { installed: true, tenantId: TENANT } });
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await world.countSessions()).toBe(0);
  const { rows } = await world.sql.query("select tenant_id from public.clients");
  expect(rows).toEqual([{ tenant_id: TENANT }]);
});

it("E6: the session of a reactivated client lasts as long as the client has chosen", async () => {
  await world.install();
  await world.sql.query("update public.clients set session_max_age_seconds = 900");
  const answer = await install(installBody(TENANT));
  expect(answer.headers.getSetCookie()[0]).toContain("; Max-Age=900;");
});

describe("refused, and nothing is stored", () => {
  const tooLarge = JSON.stringify({ ...installBody(TENANT), more: "x".repeat(65_536) });

  it.each([
    ["not JSON", 400, "{", {}, "not valid JSON"],
    ["a body that is no object", 400, "[]", {}, "expected object"],
    ["a bad tenant", 400, installBody("Spectra Winery"), {}, "tenantId"],
    ["no tenant", 400, { user: {} }, {}, "tenantId"],
    ["a NUL character", 400, installBody(TENANT, { note: "\0" }), {}, "NUL"],
    [
      "another type",
      415,
      "tenantId=x",
      { "content-type": "application/x-www-form-urlencoded" },
      "application/json",
    ],
    ["more than 64 KiB", 413, tooLarge, {}, "65536 bytes"],
  ])("%s is answered %i, and the fault is named", async (_what, status, body, headers, reason) => {
    const answer = await install(body, headers);
    expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(reason) } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { rows } = await world.sql.query("select from public.clients");
    expect(rows).toHaveLength(0);
  });

  it("A1: every fault of the credentials has one and the same 401", async () => {
    const wrong = [
      null,
      "",
      "Basic",
      "Basic !!!",
      "Bearer x",
      basic("libero:wrong"),
      basic("liber0:wine: red, 7 barrels"),
    ];
    const answers = await Promise.all(
      wrong.map((authorization) => install(installBody(TENANT), { authorization })),
    );
    for (const { status, body, headers } of answers) {
      expect({ status, body, headers: [...headers] }).toEqual({
        status: 401,
        body: { error: "the webhook's user name and password do not match" },
        headers: [
          ["cache-control", "no-store"],
          ["content-type", "application/json"],
          ["www-authenticate", 'Basic realm="Libero", charset="UTF-8"'],
        ],
      });
    }
    const { rows } = await world.sql.query("select from public.clients");
    expect(rows).toHaveLength(0);
  });

  it("credentials come first: a stranger is told nothing of the body", async () => {
    expect((await install("{", { authorization: null })).status).toBe(401);
  });
});

it("deep nesting is a body that does not hold, not a fault of ours", async () => {
  for (const levels of [100, 1_000, 3_000, 6_000, 30_000]) {
    const text = `{"tenantId":"${TENANT}","deep":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    const { status } = await install(text);
    expect([200, 400], `${levels} levels`).toContain(status);
  }
});

it("any other method is 405", async () => {
  const answer = await call(loader as never, new Request(`${ORIGIN}/install`));
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("POST");
});

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
