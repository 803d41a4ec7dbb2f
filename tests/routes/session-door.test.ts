import { beforeEach, expect, it } from "vitest";
import { cleanupExpiredSessions, getSession, saveSessionData } from "~/lib/sessions.server";
import { get, openApp, sessionIdOf } from "../support/routes";

const world = openApp();
let cookie: string;
beforeEach(async () => {
  cookie = await world.install();
});

const expire = (id: string) =>
  world.sql.query("update public.app_sessions set expires_at = now() - interval '1 hour' where id = $1", [
    id,
  ]);

it("A9: cleanupExpiredSessions deletes what has expired and says how many", async () => {
  const expired = [await world.install(), await world.install()];
  for (const each of expired) await expire(sessionIdOf(each));
  expect(await cleanupExpiredSessions()).toBe(2);
  expect(await cleanupExpiredSessions()).toBe(0);
  const { rows } = await world.sql.query("select id from public.app_sessions");
  expect(rows).toEqual([{ id: sessionIdOf(cookie) }]);
});

it("E2: what one request saves, the next one reads; what another saved beside it stays", async () => {
  const [one, other] = [await getSession(get("/", cookie)), await getSession(get("/", cookie))];
  if (!one || !other) throw new Error("no session");
  await Promise.all([saveSessionData(one, { set: { a: 1 } }), saveSessionData(other, { set: { b: 2 } })]);
  expect((await getSession(get("/", cookie)))?.data).toEqual({ a: 1, b: 2 });
});

it("E3: saving to a session whose row was deleted by hand brings it back to nobody", async () => {
  const session = await getSession(get("/", cookie));
  if (!session) throw new Error("no session");
  await world.sql.query("delete from public.app_sessions");
  expect(await saveSessionData(session, { set: { a: 1 } })).toBeUndefined();
  expect(await getSession(get("/", cookie))).toBeUndefined();
  expect(await world.countSessions()).toBe(0);
});
