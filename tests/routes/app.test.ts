import { beforeEach, describe, expect, it } from "vitest";
import { loader as index, headers as indexHeaders } from "~/routes/_index";
import { headers, loader } from "~/routes/app";
import { loader as devices, headers as devicesHeaders, action as endDevices } from "~/routes/devices";
import { action, loader as settings, headers as settingsHeaders } from "~/routes/settings";
import { call, cookieOf, get, openApp, post, sessionIdOf, TENANT } from "../support/routes";

const world = openApp();
let cookie: string;
beforeEach(async () => {
  cookie = await world.install();
});

it("tells who is signed in, to which winery, since when and until when", async () => {
  const { status, body } = await call(loader, get("/app", cookie));
  expect(status).toBe(200);
  expect(body.session).toEqual({
    id: sessionIdOf(cookie),
    user: { id: expect.any(String), name: "Jason Andres", email: "jason@example.com", role: null },
    tenantId: TENANT,
    origin: "install",
    createdAtMs: expect.any(Number),
    expiresAtMs: body.session.createdAtMs + 28_800_000,
  });
  expect(Math.abs(Date.now() - body.session.createdAtMs)).toBeLessThan(60_000);
});

it("tells how many staff are signed in now, and the newest sign-ins first", async () => {
  const [, maya] = await Promise.all([
    world.install("old-oak-estate"),
    call(loader, get(world.openingUrl({ account: tokenOf("5b1f0c7e-94a3-4d0e-8a56-0e6c1b7f2d31") }))),
  ]);
  for (let more = 0; more < 10; more += 1) await world.signIn("Tom");
  // Sessions of installs, which no browser has, are not among them.
  for (let more = 0; more < 3; more += 1) await world.install();
  const { body } = await call(loader, get("/app", cookieOf(maya)));
  expect(body.stats).toEqual({ openSessions: 11, signedInUsers: 2 });
  expect(body.recent).toHaveLength(8);
  const times = body.recent.map(({ createdAtMs }: { createdAtMs: number }) => createdAtMs);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

it("E5: an administrator sees everybody's newest sign-ins, with device and origin; anybody else their own", async () => {
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
  const [maya, tom] = [await world.signIn("Maya", { userAgent }), await world.signIn("Tom")];
  const seenBy = async (who: string) => {
    const { body } = await call(loader, get("/app", who));
    const { seesEverybody, recent, stats } = body;
    return { seesEverybody, stats, recent: recent.map(summary) };
  };
  const summary = (one: { user: { name: string }; device: string; origin: string }) => [
    one.user.name,
    one.device,
    one.origin,
  ];
  const stats = { openSessions: 2, signedInUsers: 2 };
  const rows = {
    tom: ["Tom Lindqvist", null, "open"],
    maya: ["Maya Okafor", "Firefox on Linux", "open"],
    jason: ["Jason Andres", null, "install"],
  };
  expect(await seenBy(maya)).toEqual({
    seesEverybody: true,
    stats,
    recent: [rows.tom, rows.maya, rows.jason],
  });
  expect(await seenBy(tom)).toEqual({ seesEverybody: false, stats, recent: [rows.tom] });
  // The install webhook does not say which role whoever pressed Install has.
  expect(await seenBy(cookie)).toEqual({ seesEverybody: false, stats, recent: [rows.jason] });
});

it("R36: no secret, no hash and nobody's e-mail address of others reaches the page", async () => {
  const { body } = await call(loader, get("/app", cookie));
  const said = JSON.stringify(body);
  expect(said).not.toMatch(/secret|hash/i);
  expect(said).not.toContain(cookie.split(".")[1]);
  expect(JSON.stringify(body.recent)).not.toContain("@");
});

it("A3: a hundred requests ask Commerce7 nothing", async () => {
  const calls = world.sandbox.accountCalls();
  for (let more = 0; more < 50; more += 1) {
    await call(loader, get("/app", cookie));
    await call(devices, get("/devices", cookie));
    await call(settings, get("/settings", cookie));
  }
  expect(world.sandbox.accountCalls()).toBe(calls);
});

describe("A4, R2: without a session", () => {
  const [id, secret, mac] = ["12211212-2706-4e36-bcf5-57a9248edcdf", "s".repeat(43), "m".repeat(43)];

  it.each([
    ["no cookie", undefined],
    ["an empty one", "__libero_session="],
    ["a malformed one", "__libero_session=%E0%A4%A"],
    ["a forged one", `__libero_session=${id}.${secret}.${mac}`],
    ["one of 60 KB", `__libero_session=${"A".repeat(60_000)}`],
    ["another cookie", "session=1; theme=dark"],
  ])("%s: /app, /devices and /settings lead to /", async (_what, header) => {
    expect(await call(loader, get("/app", header))).toRedirectTo("/");
    expect(await call(devices, get("/devices", header))).toRedirectTo("/");
    expect(await call(settings, get("/settings", header))).toRedirectTo("/");
    expect(await call(endDevices, post("/devices", header, { intent: "end-own" }))).toRedirectTo("/");
    expect(await call(action, post("/settings", header))).toRedirectTo("/");
    expect((await call(index, get("/", header))).body).toEqual({
      signedInTo: null,
      offersLinks: false,
      theme: null,
    });
    expect(await world.countSessions()).toBe(1);
  });

  it("R2: one that was edited leads to / and ends nothing", async () => {
    const edited = cookie.replace(/.(?=\.[^.]*$)/, (last) => (last === "A" ? "B" : "A"));
    expect(edited).not.toBe(cookie);
    expect(await call(loader, get("/app", edited))).toRedirectTo("/");
    expect((await call(loader, get("/app", cookie))).status).toBe(200);
  });
});

it("bots and visitors without a cookie create no row", async () => {
  await world.sql.query("truncate public.clients cascade");
  for (const path of ["/", "/app", "/app?tenantId=spectrawinery&account=x", "/devices", "/settings"]) {
    const bot = new Request(`http://localhost:3000${path}`, { headers: { "user-agent": "Googlebot/2.1" } });
    for (const load of [index, loader, devices, settings]) await call(load, bot);
  }
  const { rows } = await world.sql.query(
    "select (select count(*) from public.clients)::integer + (select count(*) from public.app_sessions)::integer as rows",
  );
  expect(rows).toEqual([{ rows: 0 }]);
});

it("R28: pages of a session are kept by no cache, and a fault's own headers are kept", () => {
  for (const headersOf of [headers, indexHeaders, devicesHeaders, settingsHeaders]) {
    expect(headersOf({ actionHeaders: new Headers() } as never)).toEqual({
      "Cache-Control": "private, no-store",
    });
  }
  const errorHeaders = new Headers({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  expect(headers({ errorHeaders } as never)).toBe(errorHeaders);
});

it("/ knows who is signed in already", async () => {
  expect((await call(index, get("/", cookie))).body).toEqual({
    signedInTo: TENANT,
    offersLinks: false,
    theme: null,
  });
});

const tokenOf = (staffId: string) => world.sandbox.accountToken(TENANT, staffId);
