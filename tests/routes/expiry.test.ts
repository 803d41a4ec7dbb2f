import { beforeEach, describe, expect, it } from "vitest";
import { loader as index } from "~/routes/_index";
import { loader as app } from "~/routes/app";
import { loader as settings } from "~/routes/settings";
import { call, get, openApp, sessionIdOf } from "../support/routes";

const world = openApp();
let cookie: string;
beforeEach(async () => {
  cookie = await world.install();
});

describe("A5: expires_at set in the past by hand", () => {
  it("ends the session at its next request, everywhere", async () => {
    expect((await call(app, get("/app", cookie))).status).toBe(200);
    await world.byHand(cookie, "expires_at = now() - interval '1 second'");
    expect(await call(app, get("/app", cookie))).toRedirectTo("/");
    expect(await call(settings, get("/settings", cookie))).toRedirectTo("/");
    expect((await call(index, get("/", cookie))).body.signedInTo).toBeNull();
  });

  it("is not counted or listed any more", async () => {
    const [tom, other] = [await world.signIn("Tom"), await world.signIn("Maya")];
    for (const over of [cookie, tom]) await world.byHand(over, "expires_at = now()");
    const { body } = await call(app, get("/app", other));
    expect(body.stats).toEqual({ openSessions: 1, signedInUsers: 1 });
    expect(body.recent.map((one: { id: string }) => one.id)).toEqual([sessionIdOf(other)]);
  });
});

describe("A5: last_activity_at", () => {
  /** Of each session, when it was last active and until when it lasts. */
  const times = async () => {
    const { rows } = await world.sql.query(
      "select id, last_activity_at, expires_at from public.app_sessions",
    );
    return new Map<string, { last_activity_at: Date; expires_at: Date }>(rows.map((row) => [row.id, row]));
  };

  it("R6: moves with every request, within a second or so, and expires_at does not", async () => {
    const cookies = [cookie, await world.install(), await world.install()] as const;
    const [overview, form, landing] = cookies;
    const unused = await world.install();
    await world.sql.query("update public.app_sessions set last_activity_at = now() - interval '1 hour'");
    const [idle, before] = [await times(), Date.now()];

    await call(app, get("/app", overview));
    await call(settings, get("/settings", form));
    await call(index, get("/", landing));

    const moved = async () => {
      const now = await times();
      return cookies.filter((one) => Number(now.get(sessionIdOf(one))?.last_activity_at) >= before - 1);
    };
    await expect.poll(moved, { timeout: 3_000, interval: 50 }).toEqual(cookies);
    const after = await times();
    for (const [one, { expires_at }] of idle) expect(after.get(one)?.expires_at).toEqual(expires_at);
    expect(after.get(sessionIdOf(unused))).toEqual(idle.get(sessionIdOf(unused)));
  });
});
