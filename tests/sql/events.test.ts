import { describe, expect, it } from "vitest";
import { createSessionEngine } from "../../app/lib/sessions/engine";
import { END_REASONS, type EndReason } from "../../app/lib/sessions/session";
import { aSession, HOUR, NOW } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import { openWorld } from "./world";

const USER = { id: "u", name: "Una", email: null, role: "Admin" };
const SECRETS = ["a secret of more than thirty-two characters, for tests"];

describe("the table app_session_events", () => {
  const world = openWorld();
  const begin = (changes = {}) => world.sessions.create(aSession(world.clientId, { user: USER, ...changes }));
  const past = (changes = {}) => begin({ createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR, ...changes });
  const historyOf = async (sessionId: string) => {
    const events = await world.sessions.events({ sessionId }, 10);
    return events.map(({ event, reason }) => reason ?? event).reverse();
  };
  const count = async (table: string) =>
    Number((await world.sql(`select count(*) from public.${table}`))[0]?.count);
  const ageMark = (userId: string, hours: number) =>
    world.sql(
      "update public.app_session_cutoffs set ended_at = now() - make_interval(hours => $2) where user_id = $1",
      [userId, hours],
    );
  const deleteByHand = (id: string) => world.sql("delete from public.app_sessions where id = $1", [id]);

  describe("E8: every end leaves its reason", () => {
    const one = { max: 1, atMax: "end-oldest" as const };
    const ends: [EndReason, () => Promise<string>][] = [
      ["signed_out", () => begun((id) => world.sessions.end(id, "signed_out"))],
      ["revoked", () => begun(() => world.sessions.endAll(scope(), "revoked"))],
      ["revoked_by_admin", () => begun((id) => world.sessions.end(id, "revoked_by_admin"))],
      ["operator", () => begun(() => world.sessions.endAll({}, "operator"))],
      ["replaced", () => begun((id) => begin({ replaces: [id] }))],
      ["limit", () => begun(() => begin({ limit: one }))],
      ["rights_changed", () => begun(() => begin({ user: { ...USER, role: "Owner" } }))],
      ["replayed", replay],
      ["uninstalled", () => begun(() => world.clients.uninstall("old-oak"))],
      ["expired", () => begun(() => world.sessions.cleanup(10), past)],
      ["idle", () => begun((id) => world.sessions.endIdle({ id, lastActivityAtMs: NOW }, NOW + HOUR))],
      ["deleted", () => begun(deleteByHand)],
    ];
    const scope = () => ({ clientId: world.clientId, userId: USER.id });
    const begun = async (end: (id: string) => Promise<unknown>, start = begin) => {
      const { id } = await start({ idleTimeoutSeconds: start === begin ? 600 : 0 });
      await end(id);
      return id;
    };
    async function replay() {
      let nowMs = NOW;
      const cookie = { name: "s", sameSite: "lax" as const };
      const { sessions: manager } = createSessionEngine({
        ...{ store: world.sessions, logger: silentLogger, secrets: SECRETS, cookie },
        clock: () => nowMs,
      });
      const { session, setCookie } = await manager.start({ clientId: world.clientId, user: USER });
      await manager.rotate(setCookie);
      nowMs += 11_000;
      expect(await manager.read(setCookie)).toBeUndefined();
      return session.id;
    }

    it.each(ends)("%s", async (reason, end) => {
      const id = await end();
      expect(await world.sessions.find(id)).toBeUndefined();
      const [first, ...rest] = await historyOf(id);
      expect([first, rest.at(-1)]).toEqual(["started", reason]);
      expect(await world.sessions.endings(NOW - HOUR)).toMatchObject({ [reason]: 1 });
    });

    it("deleted, by a hand that may do nothing else", async () => {
      const { id } = await begin();
      await world.sql("drop role if exists sweeper; create role sweeper bypassrls");
      await world.sql(
        "grant usage on schema public to sweeper; grant select, delete on public.app_sessions to sweeper",
      );
      await world.sql("set role sweeper");
      await deleteByHand(id);
      await world.sql("reset role");
      await world.sql("drop owned by sweeper; drop role sweeper");
      expect(await historyOf(id)).toEqual(["started", "deleted"]);
    });

    it("no way is left out", () => {
      expect(ends.map(([reason]) => reason)).toEqual([...END_REASONS]);
    });

    it("and the reason of one end does not stick to the next, on one connection", async () => {
      const sessions = [await begin(), await begin(), await past(), await begin()] as const;
      await world.sql("begin");
      await world.sql("select public.end_app_session($1, 'revoked')", [sessions[0].id]);
      await deleteByHand(sessions[1].id);
      await world.sql("select public.cleanup_expired_app_sessions()");
      await deleteByHand(sessions[3].id);
      await world.sql("commit");
      const reasons = await Promise.all(sessions.map(async ({ id }) => (await historyOf(id)).at(-1)));
      expect(reasons).toEqual(["revoked", "deleted", "expired", "deleted"]);
    });
  });

  it("E8: the clean-up tells apart what idled out from what reached its end", async () => {
    const [idle, expired] = [await past({ idleTimeoutSeconds: 600 }), await past()];
    const usedToTheEnd = await past({ idleTimeoutSeconds: 8 * 3600 });
    expect(await world.sessions.cleanup(10)).toBe(3);
    expect(await historyOf(idle.id)).toEqual(["started", "idle"]);
    expect(await historyOf(expired.id)).toEqual(["started", "expired"]);
    expect(await historyOf(usedToTheEnd.id)).toEqual(["started", "expired"]);
    expect(await world.sessions.endings(NOW - HOUR)).toEqual({ idle: 1, expired: 2 });
  });

  it("E8: a client deleted by hand takes its sessions, their history and its marks along", async () => {
    await begin();
    await world.sessions.endAll({ clientId: world.clientId }, "operator");
    await begin();
    expect([await count("app_session_events"), await count("app_session_cutoffs")]).toEqual([3, 1]);
    await world.sql("delete from public.clients");
    for (const table of ["app_sessions", "app_session_events", "app_session_cutoffs"]) {
      expect([table, await count(table)]).toEqual([table, 0]);
    }
  });

  it("E8: no event without what it is, and none of an end without its reason", async () => {
    const { id } = await begin();
    const insert = (event: string, reason: string | null) =>
      world.sql(
        `insert into public.app_session_events (event, reason, session_id, client_id, user_id, user_name)
         values ($1, $2, $3, $4, 'u', 'Una')`,
        [event, reason, id, world.clientId],
      );
    await expect(insert("ended", null)).rejects.toThrow(/reason_of_end/);
    await expect(insert("started", "idle")).rejects.toThrow(/reason_of_end/);
    await expect(insert("opened", null)).rejects.toThrow(/event_known/);
  });

  describe("R36: retention", () => {
    const age = (days: number) =>
      world.sql("update public.app_session_events set at = now() - make_interval(days => $1)", [days]);

    it("deletes events that are older, in bites, and no others", async () => {
      for (let i = 0; i < 5; i++) await begin();
      await age(91);
      const { id } = await begin();
      expect(await world.sessions.cleanupEvents(3, 92)).toBe(0);
      expect(await world.sessions.cleanupEvents(3, 90)).toBe(3);
      expect(await world.sessions.cleanupEvents(3, 90)).toBe(2);
      expect(await world.sessions.cleanupEvents(3, 90)).toBe(0);
      expect(await historyOf(id)).toEqual(["started"]);
    });

    it('deletes marks of "end all" after a day, and those of today stay', async () => {
      const mark = async (userId: string, hoursAgo: number) => {
        await world.sessions.endAll({ clientId: world.clientId, userId }, "revoked");
        await ageMark(userId, hoursAgo);
      };
      await mark("long ago", 25);
      await mark("today", 23);
      await world.sessions.cleanupEvents(10, 90);
      expect(await world.sql("select user_id from public.app_session_cutoffs")).toEqual([
        { user_id: "today" },
      ]);
    });

    it("passes over rows that somebody holds, and waits for nobody", async () => {
      await begin();
      await age(91);
      const clientId = world.clientId;
      await world.sessions.endAll({ clientId, userId: "x" }, "revoked");
      await ageMark("x", 25);
      await world.sql("begin");
      await world.sql("select from public.app_session_events for update");
      await world.sql("select from public.app_session_cutoffs for update");
      expect(await world.sessions.cleanupEvents(10, 90)).toBe(0);
      await world.sql("rollback");
      expect(await world.sessions.cleanupEvents(10, 90)).toBe(1);
      expect(await count("app_session_cutoffs")).toBe(0);
    });
  });

  describe("A8: the clean-up leaves the two clocks a minute", () => {
    const ended = (secondsAgo: number) =>
      begin({ createdAtMs: Date.now() - HOUR, expiresAtMs: Date.now() - secondsAgo * 1_000 });

    it("a session that expired 30 seconds ago stays, one that did 90 seconds ago goes", async () => {
      const [fresh, old] = [await ended(30), await ended(90)];
      expect(await world.sql("select public.cleanup_expired_app_sessions() as deleted")).toEqual([
        { deleted: 1 },
      ]);
      expect(await world.sessions.find(fresh.id)).toBeDefined();
      expect(await world.sessions.find(old.id)).toBeUndefined();
    });

    it("or as long as one asks", async () => {
      await ended(30);
      const asked = "select public.cleanup_expired_app_sessions(p_margin => '20 seconds') as deleted";
      expect(await world.sql(asked)).toEqual([{ deleted: 1 }]);
    });
  });
});
