import { beforeEach, describe, expect, it } from "vitest";
import { loader as index } from "~/routes/_index";
import { loader as app } from "~/routes/app";
import { loader as devices } from "~/routes/devices";
import { action, loader as settings } from "~/routes/settings";
import { call, cookieOf, get, openApp, post, sessionIdOf } from "../support/routes";

const world = openApp();
let administrator: string;
beforeEach(async () => {
  await Promise.all([world.install(), world.install("old-oak-estate")]);
  administrator = await world.signIn("Maya");
});

const UNSET = {
  contactEmail: "",
  defaultTheme: "",
  sessionMaxAgeSeconds: "",
  sessionIdleTimeoutSeconds: "",
  sessionRenewalLimitSeconds: "",
  sessionMaxPerUser: "",
  sessionAtLimit: "",
};

/** Saves the form as an administrator does; whatever is not named is left to the app. */
async function choose(policy: Partial<typeof UNSET>) {
  const { settings: shown } = (await call(settings, get("/settings", administrator))).body;
  const showing = Object.entries(shown).map(([name, value]) => [`shown:${name}`, String(value ?? "")]);
  const fields = { ...UNSET, ...policy, ...Object.fromEntries(showing) };
  const answer = await call(action, post("/settings", administrator, fields));
  expect(answer).toMatchObject({ status: 200, body: { saved: true } });
}

const rowOf = async (cookie: string) => {
  const { rows } = await world.sql.query(
    "select *, extract(epoch from idle_timeout)::integer as idle_seconds from public.app_sessions where id = $1",
    [sessionIdOf(cookie)],
  );
  return rows[0];
};
const isSignedIn = async (cookie: string) => (await call(app, get("/app", cookie))).status === 200;

/** Moves moments of a session back, as if that much time had gone by since it was last used. */
const letPass = (cookie: string, interval: string, columns: string[]) =>
  world.byHand(cookie, columns.map((column) => `${column} = ${column} - interval '${interval}'`).join(", "));

it("E6, C5: the next session has what was chosen, and one that is open keeps what it began with", async () => {
  const before = await world.signIn("Tom");
  await choose({
    sessionMaxAgeSeconds: "3600",
    sessionIdleTimeoutSeconds: "900",
    sessionRenewalLimitSeconds: "86400",
  });
  const row = await rowOf(await world.signIn("Tom"));
  expect(row).toMatchObject({ max_age_seconds: 3_600, idle_seconds: 900 });
  expect(row.expires_at - row.created_at).toBe(3_600_000);
  expect(row.renewable_until - row.created_at).toBe(86_400_000);
  expect(await rowOf(before)).toMatchObject({ max_age_seconds: 28_800, idle_seconds: 7_200 });

  const elsewhere = await rowOf(await world.signIn("Sam"));
  expect(elsewhere).toMatchObject({ max_age_seconds: 28_800, idle_seconds: 7_200 });
});

it("E6: 0 turns a limit off, and nothing chosen takes the app's default", async () => {
  await choose({ sessionIdleTimeoutSeconds: "0", sessionRenewalLimitSeconds: "0", sessionMaxPerUser: "0" });
  const off = await rowOf(await world.signIn("Tom"));
  expect(off.idle_seconds).toBeNull();
  expect(off.renewable_until).toEqual(off.expires_at);
  await choose({});
  expect(await rowOf(await world.signIn("Tom"))).toMatchObject({ idle_seconds: 7_200 });
});

describe("E6, R5: the idle limit", () => {
  it("a session that was not used for so long leads to /, and stays over", async () => {
    await choose({ sessionIdleTimeoutSeconds: "900" });
    const [cookie, used] = [await world.signIn("Tom"), await world.signIn("Tom")];
    await letPass(cookie, "901 seconds", ["last_activity_at"]);
    await letPass(used, "899 seconds", ["last_activity_at"]);
    for (const [load, path] of [
      [app, "/app"],
      [devices, "/devices"],
      [settings, "/settings"],
    ] as const) {
      expect(await call(load as never, get(path, cookie))).toRedirectTo("/");
    }
    expect((await call(index, get("/", cookie))).body.signedInTo).toBeNull();
    expect(await world.endOf(cookie)).toBe("idle");
    expect(await isSignedIn(used)).toBe(true);
  });

  it("without one, a session that was not used all day is as good as ever", async () => {
    await choose({ sessionIdleTimeoutSeconds: "0", sessionMaxAgeSeconds: "86400" });
    const cookie = await world.signIn("Tom");
    await letPass(cookie, "23 hours", ["last_activity_at"]);
    expect(await isSignedIn(cookie)).toBe(true);
  });
});

describe("E6, R6: renewal with use", () => {
  const MOMENTS = ["created_at", "expires_at", "renewable_until", "last_activity_at"];
  const policy = {
    sessionMaxAgeSeconds: "3600",
    sessionIdleTimeoutSeconds: "0",
    sessionRenewalLimitSeconds: "7200",
  };

  it("moves the end by a whole lifetime once half of it is over, and the page says so", async () => {
    await choose(policy);
    const cookie = await world.signIn("Tom");
    await letPass(cookie, "29 minutes", MOMENTS);
    const { expires_at } = await rowOf(cookie);
    expect((await call(app, get("/app", cookie))).body.session.expiresAtMs).toBe(expires_at.getTime());

    await letPass(cookie, "2 minutes", MOMENTS);
    const askedAtMs = Date.now();
    const { expiresAtMs } = (await call(app, get("/app", cookie))).body.session;
    expect(expiresAtMs).toBeGreaterThanOrEqual(askedAtMs + 3_600_000);
    expect(expiresAtMs).toBeLessThan(Date.now() + 3_600_001);
    expect((await rowOf(cookie)).expires_at.getTime()).toBe(expiresAtMs);
  });

  it("never beyond the age that was chosen", async () => {
    await choose(policy);
    const cookie = await world.signIn("Tom");
    await letPass(cookie, "55 minutes", MOMENTS);
    await isSignedIn(cookie);
    await letPass(cookie, "55 minutes", MOMENTS);
    await isSignedIn(cookie);
    const { created_at, expires_at } = await rowOf(cookie);
    expect(expires_at - created_at).toBe(7_200_000);
  });

  it("the browser keeps the cookie for as long as renewal may reach", async () => {
    await choose(policy);
    const { headers } = await world.open("Tom");
    expect(headers.getSetCookie()[0]).toContain("; Max-Age=7200;");
  });

  it("not renewed: the end stays where it is, however much the session is used", async () => {
    await choose({ ...policy, sessionRenewalLimitSeconds: "0" });
    const cookie = await world.signIn("Tom");
    await letPass(cookie, "59 minutes", MOMENTS);
    const { expires_at } = await rowOf(cookie);
    expect(await isSignedIn(cookie)).toBe(true);
    expect((await rowOf(cookie)).expires_at).toEqual(expires_at);
  });
});

describe("E6, R9: sessions per person", () => {
  it("end-oldest: one more ends the oldest, of this person alone", async () => {
    await choose({ sessionMaxPerUser: "2", sessionAtLimit: "end-oldest" });
    const [first, second] = [await world.signIn("Tom"), await world.signIn("Tom")];
    const third = await world.signIn("Tom");
    expect(await Promise.all([first, second, third, administrator].map(isSignedIn))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(await world.endOf(first)).toBe("limit");
  });

  it("refuse-new: one more is a 403 page that says so, nobody is signed out, and nothing is told", async () => {
    await choose({ sessionMaxPerUser: "1", sessionAtLimit: "refuse-new" });
    const first = await world.signIn("Tom");
    const refused = await world.open("Tom");
    expect(refused).toMatchObject({ status: 403, body: { fault: "limit" }, thrown: true });
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(refused.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await isSignedIn(first)).toBe(true);
  });

  it("refuse-new: the same browser may open it again, and another once this one is signed out", async () => {
    await choose({ sessionMaxPerUser: "1", sessionAtLimit: "refuse-new" });
    const first = await world.signIn("Tom");
    const again = cookieOf(await world.open("Tom", { cookie: first }));
    expect(await Promise.all([first, again].map(isSignedIn))).toEqual([false, true]);
    expect(await world.endOf(first)).toBe("replaced");
    expect((await world.open("Tom")).status).toBe(403);
    await world.sql.query("delete from public.app_sessions where id = $1", [sessionIdOf(again)]);
    expect((await world.open("Tom")).status).toBe(302);
  });

  it("twenty sign-ins at once leave as many as are allowed", async () => {
    for (const sessionAtLimit of ["end-oldest", "refuse-new"]) {
      await world.sql.query("delete from public.app_sessions where user_name = 'Tom Lindqvist'");
      await choose({ sessionMaxPerUser: "3", sessionAtLimit });
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.open("Tom")));
      const signedIn = answers.filter(({ status }) => status === 302).map(cookieOf);
      expect(signedIn).toHaveLength(sessionAtLimit === "end-oldest" ? 20 : 3);
      expect((await Promise.all(signedIn.map(isSignedIn))).filter(Boolean)).toHaveLength(3);
    }
  });
});

it("R3: whoever signs in with another role signs the sessions with the old one out", async () => {
  const [before, tom] = [await world.signIn("Maya"), await world.signIn("Tom")];
  // As if she had been an administrator of another kind until now.
  await world.byHand(before, "user_role = 'Admin Owner'");
  const after = await world.signIn("Maya");
  expect(await Promise.all([before, after, administrator, tom].map(isSignedIn))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(await world.endOf(before)).toBe("rights_changed");
});
