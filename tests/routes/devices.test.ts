import { beforeEach, describe, expect, it } from "vitest";
import { loader as app } from "~/routes/app";
import { action, loader } from "~/routes/devices";
import { type Answer, call, get, ORIGIN, openApp, post, sessionIdOf, TENANT } from "../support/routes";

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

const world = openApp();
beforeEach(async () => {
  await Promise.all([world.install(), world.install("old-oak-estate")]);
  await world.sql.query("delete from public.app_sessions");
});

const page = async (cookie: string) => (await call(loader, get("/devices", cookie))).body;
const ids = (sessions: { id: string }[]) => sessions.map(({ id }) => id);
const idsOf = (...cookies: string[]) => cookies.map(sessionIdOf);
const send = (cookie: string, fields: Record<string, string>) =>
  call(action, post("/devices", cookie, fields));
const end = (cookie: string, target: string) =>
  send(cookie, { intent: "end", sessionId: sessionIdOf(target) });

const isSignedIn = async (cookie: string) => (await call(app, get("/app", cookie))).status === 200;
const areSignedIn = (...cookies: string[]) => Promise.all(cookies.map(isSignedIn));

/** Back to the page, which says once how many ended; this browser stays signed in. */
async function expectEnded(answer: Answer, cookie: string, count: number) {
  expect(answer).toRedirectTo("/devices");
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect((await page(cookie)).ended).toEqual({ count });
  expect((await page(cookie)).ended).toBeNull();
}

/** This browser is signed out with the others. */
function expectLeft(answer: Answer) {
  expect(answer).toRedirectTo("/");
  expect(answer).toClearSessionCookie();
}

describe("E5: where one is signed in", () => {
  it("lists one's own open sessions, the newest first, with device, times and origin", async () => {
    const installed = await world.install();
    const phone = await world.signIn("Jason", { userAgent: SAFARI });
    const here = await world.signIn("Jason", { userAgent: FIREFOX });
    await world.signIn("Maya");

    const { session, own, ended } = await page(here);
    expect(session).toMatchObject({ id: sessionIdOf(here), tenantId: TENANT });
    expect(ended).toBeNull();
    expect(ids(own)).toEqual(idsOf(here, phone, installed));
    expect(own).toMatchObject([
      { device: "Firefox on Windows", origin: "open" },
      { device: "Safari on iOS", origin: "open" },
      { device: null, origin: "install" },
    ]);
    for (const { createdAtMs, lastActivityAtMs, expiresAtMs } of own) {
      expect(Math.abs(Date.now() - createdAtMs)).toBeLessThan(60_000);
      expect(lastActivityAtMs).toBeGreaterThanOrEqual(createdAtMs);
      expect(expiresAtMs).toBe(createdAtMs + 28_800_000);
    }
  });

  it("the device keeps its name through the session's life", async () => {
    const cookie = await world.signIn("Tom", { userAgent: SAFARI });
    await call(app, get("/app", cookie, { "user-agent": FIREFOX }));
    expect((await page(cookie)).own).toMatchObject([{ device: "Safari on iOS" }]);
  });

  it("lists no session that is over: expired, idle, signed out", async () => {
    const [expired, idle, over] = [
      await world.signIn("Tom"),
      await world.signIn("Tom"),
      await world.signIn("Tom"),
    ];
    const here = await world.signIn("Tom");
    await world.byHand(expired, "expires_at = now() - interval '1 day'");
    await world.byHand(idle, "last_activity_at = now() - interval '1 day'");
    await end(here, over);
    expect(ids((await page(here)).own)).toEqual(idsOf(here));
  });

  it("R36: no secret and nobody's e-mail address but one's own reaches the page", async () => {
    await world.signIn("Maya");
    const cookie = await world.signIn("Jason");
    const said = JSON.stringify(await page(cookie));
    expect(said).not.toMatch(/secret|hash/i);
    expect(said).not.toContain(cookie.split(".")[1]);
    expect(said.match(/[\w.]+@[\w.]+/g)).toEqual(["jason@spectrawinery.example"]);
  });
});

describe("E5, R10: signing out elsewhere", () => {
  it("one other session: it is refused from now on, and the reason is kept", async () => {
    const [here, phone, other] = [
      await world.signIn("Tom"),
      await world.signIn("Tom"),
      await world.signIn("Tom"),
    ];
    await expectEnded(await end(here, phone), here, 1);
    expect(await areSignedIn(here, phone, other)).toEqual([true, false, true]);
    expect(await world.endOf(phone)).toBe("revoked");
  });

  it("one that is over already is no fault, and nothing is said to have ended", async () => {
    const [here, phone] = [await world.signIn("Tom"), await world.signIn("Tom")];
    await end(here, phone);
    await expectEnded(await end(here, phone), here, 0);
  });

  it("all others: this browser and everybody else stay", async () => {
    const [phone, tablet, here] = [
      await world.signIn("Tom"),
      await world.signIn("Tom"),
      await world.signIn("Tom"),
    ];
    const maya = await world.signIn("Maya");
    await expectEnded(await send(here, { intent: "end-others" }), here, 2);
    expect(await areSignedIn(here, phone, tablet, maya)).toEqual([true, false, false, true]);
    expect([await world.endOf(phone), await world.endOf(tablet)]).toEqual(["revoked", "revoked"]);
  });

  it("everywhere: this browser too, and nobody else", async () => {
    const [phone, here, maya] = [
      await world.signIn("Tom"),
      await world.signIn("Tom"),
      await world.signIn("Maya"),
    ];
    expectLeft(await send(here, { intent: "end-own" }));
    expect(await areSignedIn(here, phone, maya)).toEqual([false, false, true]);
    expect([await world.endOf(phone), await world.endOf(here)]).toEqual(["revoked", "revoked"]);
  });

  it("this very session by its id, however it is written: as a sign-out", async () => {
    for (const written of [(id: string) => id, (id: string) => id.toUpperCase()]) {
      const here = await world.signIn("Tom");
      expectLeft(await send(here, { intent: "end", sessionId: written(sessionIdOf(here)) }));
      expect(await isSignedIn(here)).toBe(false);
    }
  });
});

describe("E5, R14: an administrator of the winery", () => {
  it("sees everybody's open sessions at their winery, and at no other", async () => {
    const [tom, maya] = [await world.signIn("Tom"), await world.signIn("Maya")];
    await world.signIn("Eleanor");
    const { winery } = await page(maya);
    expect(winery).toMatchObject({ openSessions: 2, signedInUsers: 2 });
    expect(ids(winery.sessions)).toEqual(idsOf(maya, tom));
    expect(winery.sessions[1].user.name).toBe("Tom Lindqvist");
  });

  it("ends anybody's session, and the reason says who it was", async () => {
    const [tom, maya, here] = [
      await world.signIn("Tom"),
      await world.signIn("Maya"),
      await world.signIn("Maya"),
    ];
    await expectEnded(await end(here, tom), here, 1);
    await expectEnded(await end(here, maya), here, 1);
    expect(await areSignedIn(here, tom, maya)).toEqual([true, false, false]);
    expect([await world.endOf(tom), await world.endOf(maya)]).toEqual(["revoked_by_admin", "revoked"]);
  });

  it("signs everybody out, themselves included, and nobody of another winery", async () => {
    const [tom, maya, eleanor] = [
      await world.signIn("Tom"),
      await world.signIn("Maya"),
      await world.signIn("Eleanor"),
    ];
    expectLeft(await send(maya, { intent: "end-winery" }));
    expect(await areSignedIn(maya, tom, eleanor)).toEqual([false, false, true]);
    expect([await world.endOf(tom), await world.endOf(maya)]).toEqual([
      "revoked_by_admin",
      "revoked_by_admin",
    ]);
    expect(await isSignedIn(await world.signIn("Tom"))).toBe(true);
  });

  it("R14: ends all sessions of one person", async () => {
    const [phone, laptop, maya] = [
      await world.signIn("Tom"),
      await world.signIn("Tom"),
      await world.signIn("Maya"),
    ];
    const { winery } = await page(maya);
    const { user } = winery.sessions.find(({ id }: { id: string }) => id === sessionIdOf(phone));
    await expectEnded(await send(maya, { intent: "end-person", userId: user.id }), maya, 2);
    expect(await areSignedIn(phone, laptop, maya)).toEqual([false, false, true]);
    expect(await world.endOf(phone)).toBe("revoked_by_admin");
  });

  it("R14: one's own are all of them, this one included", async () => {
    const maya = await world.signIn("Maya");
    const [{ user }] = (await page(maya)).own;
    expectLeft(await send(maya, { intent: "end-person", userId: user.id }));
    expect(await world.endOf(maya)).toBe("revoked");
  });
});

describe("E5: forged forms", () => {
  it.each([
    ["of a role that is none of an administrator's", "Sam", "Eleanor"],
    ["without a role", "Tom", "Jason"],
  ])("staff %s sees nobody else, and ends nobody else", async (_what, member, administrator) => {
    const [boss, here] = [await world.signIn(administrator), await world.signIn(member)];
    const { own, winery } = await page(here);
    expect({ own: ids(own), winery }).toEqual({ own: idsOf(here), winery: null });

    await expectEnded(await end(here, boss), here, 0);
    const [{ user }] = (await page(boss)).own;
    const forms: Record<string, string>[] = [
      { intent: "end-winery" },
      { intent: "end-person", userId: user.id },
    ];
    for (const fields of forms) {
      const refused = await send(here, fields);
      expect(refused).toMatchObject({ status: 403, body: { fault: "not-allowed" }, thrown: true });
      expect(refused.headers.getSetCookie()).toEqual([]);
    }
    expect(await areSignedIn(here, boss)).toEqual([true, true]);
  });

  it("whoever pressed Install is no administrator by that: the webhook names no role", async () => {
    const [boss, installed] = [await world.signIn("Maya"), await world.install()];
    expect((await page(installed)).winery).toBeNull();
    expect((await send(installed, { intent: "end-winery" })).status).toBe(403);
    await expectEnded(await end(installed, boss), installed, 0);
    expect(await isSignedIn(boss)).toBe(true);
  });

  it("E10: an administrator ends no session of another winery, whatever the form says", async () => {
    const [eleanor, sam, maya] = [
      await world.signIn("Eleanor"),
      await world.signIn("Sam"),
      await world.signIn("Maya"),
    ];
    for (const theirs of [eleanor, sam]) await expectEnded(await end(maya, theirs), maya, 0);
    await send(maya, { intent: "end-others", clientId: "old-oak-estate", tenantId: "old-oak-estate" });
    await send(maya, { intent: "end-winery", clientId: "old-oak-estate", tenantId: "old-oak-estate" });
    expect(await areSignedIn(eleanor, sam)).toEqual([true, true]);
  });

  it.each([
    ["no intent", {}],
    ["an unknown intent", { intent: "end-all" }],
    ["a key that every object has", { intent: "constructor" }],
    ["a session without its id", { intent: "end" }],
    ["a person without an id", { intent: "end-person", userId: "" }],
    ["a person that no database keeps", { intent: "end-person", userId: "a\0b" }],
    ["an empty id", { intent: "end", sessionId: "" }],
    ["an id that is none", { intent: "end", sessionId: "1 or true" }],
    [
      "an id with something after it",
      { intent: "end", sessionId: "12211212-2706-4e36-bcf5-57a9248edcdf'--" },
    ],
  ])("400 for %s, and nothing ends", async (_what, fields) => {
    const here = await world.signIn("Maya");
    const refused = await send(here, fields);
    expect(refused).toMatchObject({ status: 400, body: { fault: "bad-request" }, thrown: true });
    expect(await isSignedIn(here)).toBe(true);
  });

  it.each([
    ["JSON", "application/json", JSON.stringify({ intent: "end-winery" })],
    ["text", "text/plain", "intent=end-winery"],
    ["a multipart form that is broken", "multipart/form-data; boundary=x", "nonsense"],
  ])("400: %s is not a form", async (_what, type, body) => {
    const here = await world.signIn("Maya");
    const headers = { cookie: here, "content-type": type };
    const request = new Request(`${ORIGIN}/devices`, { method: "POST", headers, body });
    expect(await call(action, request)).toMatchObject({ status: 400, body: { fault: "bad-request" } });
    expect(await isSignedIn(here)).toBe(true);
  });

  it("400 for a file in an id's place", async () => {
    const here = await world.signIn("Maya");
    const form = new FormData();
    form.set("intent", "end");
    form.set("sessionId", new File([sessionIdOf(here)], "id.txt"));
    const request = new Request(`${ORIGIN}/devices`, {
      method: "POST",
      headers: { cookie: here },
      body: form,
    });
    expect((await call(action, request)).status).toBe(400);
  });

  it("A4: without a session it leads to /, before the form is read", async () => {
    const request = post("/devices", undefined, { intent: "end-winery" });
    expect(await call(action, request)).toRedirectTo("/");
    expect(request.bodyUsed).toBe(false);
  });
});

it("R15: ending asks the store, and does not go by what memory says", async () => {
  const phone = await world.signIn("Tom");
  const here = await world.signInByMemoryAlone("Tom");
  expect(await send(here, { intent: "end-others" })).toRedirectTo("/");
  expect(await isSignedIn(phone)).toBe(true);
});
