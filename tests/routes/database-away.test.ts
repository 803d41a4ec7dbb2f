import { describe, expect, it } from "vitest";
import { loader as index } from "~/routes/_index";
import { loader as app } from "~/routes/app";
import { loader as devices, action as endDevices } from "~/routes/devices";
import { loader as healthz } from "~/routes/healthz";
import { action as install } from "~/routes/install";
import { action as logout } from "~/routes/logout";
import { loader as readyz } from "~/routes/readyz";
import { action as saveSettings, loader as settings } from "~/routes/settings";
import { action as uninstall } from "~/routes/uninstall";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { newToken } from "../../app/lib/sessions/token";
import { installBody, webhook } from "../support/commerce7";
import { type Answer, call, get, openAppWithoutDatabase, post, TENANT } from "../support/routes";

const world = openAppWithoutDatabase();

/** A cookie that the app signed: it has to ask the database who that is. */
function signedCookie(): string {
  const secrets = [process.env.SESSION_SECRET as string];
  const cookie = createSessionCookie({ name: "__libero_session", secrets, attributes: {} });
  return cookie.write(newToken(), 60).split(";")[0] as string;
}

function expectShortBreak({ status, body, headers }: Answer) {
  expect({ status, body }).toEqual({ status: 503, body: { fault: "database" } });
  expect(headers.get("retry-after")).toBe("5");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.getSetCookie()).toEqual([]);
}

describe("R31: fails closed and gracefully: 503 with a page, and when to come back", () => {
  it.each([
    ["GET /", index, "/"],
    ["GET /app", app, "/app"],
    ["GET /devices", devices, "/devices"],
    ["GET /settings", settings, "/settings"],
  ] as const)("%s", async (_what, loader, path) => {
    expectShortBreak(await call(loader as never, get(path, signedCookie())));
  });

  it("POST /settings, POST /devices and POST /logout: nobody is told that it was done", async () => {
    expectShortBreak(await call(saveSettings, post("/settings", signedCookie())));
    expectShortBreak(await call(endDevices, post("/devices", signedCookie(), { intent: "end-own" })));
    expectShortBreak(await call(logout, post("/logout", signedCookie())));
  });

  it("the webhooks, so that the platform sends them again", async () => {
    expectShortBreak(await call(install, webhook("/install", installBody(TENANT))));
    expectShortBreak(await call(uninstall, webhook("/uninstall", { tenantId: TENANT })));
  });

  it("R26: opened from the admin, the address with the token is told to nobody even so", async () => {
    const answer = await call(app, get(world.openingUrl()));
    expectShortBreak(answer);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  });
});

it("what needs no database goes on: no cookie, a forged one, a refused webhook", async () => {
  expect((await call(index, get("/"))).body).toEqual({ signedInTo: null, theme: null });
  expect(await call(app, get("/app", "__libero_session=forged"))).toRedirectTo("/");
  expect((await call(install, webhook("/install", {}, { authorization: null }))).status).toBe(401);
});

it("D8: /healthz is up, and /readyz says why it is not, without an address or a password", async () => {
  expect((await call(healthz as never, get("/healthz"))).status).toBe(200);
  const { status, body, headers } = await call(readyz as never, get("/readyz"));
  expect({ status, body }).toEqual({
    status: 503,
    body: { ready: false, reason: "the database does not answer" },
  });
  expect(headers.get("cache-control")).toBe("no-store");
  const { username, password, port, pathname } = new URL(world.databaseUrl());
  for (const detail of [username, password, port, pathname.slice(1), "127.0.0.1"]) {
    expect(JSON.stringify(body)).not.toContain(detail);
  }
});
