import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { aSession, HOUR, NOW } from "../support/examples";
import { openWorld } from "./world";

const CHANNEL = "libero_app_sessions";
const DONE = "done";

describe("what the database tells every instance", () => {
  const world = openWorld();
  let listener: pg.Client;
  let heard: string[] = [];
  beforeAll(async () => {
    listener = new pg.Client({ connectionString: world.database.url });
    await listener.connect();
    listener.on("notification", ({ payload = "" }) => heard.push(payload));
    await listener.query(`listen ${CHANNEL}`);
  });
  afterAll(() => listener.end());

  /** What was notified until now: notices come in the order of the commits, so all are there when our own is. */
  const noticesSoFar = async () => {
    await world.sql("select pg_notify($1, $2)", [CHANNEL, DONE]);
    await vi.waitFor(() => expect(heard.at(-1)).toBe(DONE), { timeout: 5_000, interval: 5 });
    const notices = heard.slice(0, -1);
    heard = [];
    return notices;
  };
  const noticesOf = async (change: () => Promise<unknown>) => {
    await noticesSoFar();
    await change();
    return noticesSoFar();
  };
  const begin = (changes = {}) => world.sessions.create(aSession(world.clientId, changes));
  const update = (id: string, change: string) =>
    world.sql(`update public.app_sessions set ${change} where id = $1`, [id]);
  const seen = (id: string) => ({ id, lastActivityAtMs: NOW });

  describe("E3, E4: of a session that was changed by hand", () => {
    it.each([
      ["expired", "expires_at = now() - interval '1 hour'"],
      ["made idle", "last_activity_at = last_activity_at - interval '1 second'"],
      ["given another secret", "secret_hash = sha256('another')"],
      ["given another idle limit", "idle_timeout = '1 minute'"],
      ["given other data", `data = '{"theme": "dark"}'`],
      ["given another role", "user_role = 'Guest'"],
    ])("%s: it is named", async (_how, change) => {
      const { id } = await begin();
      expect(await noticesOf(() => update(id, change))).toEqual([`session ${id}`]);
    });

    it("deleted: it is named", async () => {
      const { id } = await begin();
      const change = () => world.sql("delete from public.app_sessions where id = $1", [id]);
      expect(await noticesOf(change)).toEqual([`session ${id}`]);
    });

    it("all truncated: everything is to be forgotten", async () => {
      await begin();
      expect(await noticesOf(() => world.sql("truncate public.app_sessions"))).toEqual(["all"]);
      expect(await noticesOf(() => world.sql("truncate public.clients cascade"))).toEqual(["all"]);
    });

    it("whichever column it is, but the one that every touch writes", async () => {
      const { id } = await begin();
      const columns = await world.sql(
        `select attname as name from pg_attribute
         where attrelid = 'public.app_sessions'::regclass and attnum > 0 and not attisdropped`,
      );
      const told: string[] = [];
      for (const { name } of columns) {
        if ((await noticesOf(() => update(id, `${name} = ${name}`))).length > 0) told.push(name);
      }
      const all = columns.map(({ name }) => name);
      expect(told).toEqual(all.filter((name) => name !== "last_activity_at"));
      expect(all).toContain("last_activity_at");
    });
  });

  describe("E3, E4: of a client", () => {
    it.each([
      ["soft-deleted", "update public.clients set uninstalled_at = now()"],
      ["renamed", "update public.clients set tenant_id = 'new-oak'"],
    ])("%s by hand: it is named", async (_how, change) => {
      await begin();
      expect(await noticesOf(() => world.sql(change))).toEqual([`client ${world.clientId}`]);
    });

    it("deleted by hand: its sessions are named", async () => {
      const { id } = await begin();
      expect(await noticesOf(() => world.sql("delete from public.clients"))).toEqual([`session ${id}`]);
    });

    it("uninstalled: it is named, and its sessions are", async () => {
      const { id } = await begin();
      const notices = await noticesOf(() => world.clients.uninstall("old-oak"));
      expect(notices.sort()).toEqual([`client ${world.clientId}`, `session ${id}`]);
    });

    it("with other settings: nothing is told", async () => {
      const change = () => world.sql("update public.clients set session_max_age_seconds = 900");
      expect(await noticesOf(change)).toEqual([]);
    });
  });

  describe("E3, E4: of a session that the app ended or changed, it is named", () => {
    const { from, to } = { from: Buffer.alloc(32, 1), to: Buffer.alloc(32, 2) };
    const rotation = { from, to, graceUntilMs: NOW };
    const patch = { set: { a: 1 }, unset: [], overwrite: [], revision: 0, maxBytes: 1_000 };
    const user = () => ({ clientId: world.clientId, userId: "u" });
    it.each<[string, (id: string) => Promise<unknown>]>([
      ["ended", (id) => world.sessions.end(id, "signed_out")],
      ["ended with all of its user", () => world.sessions.endAll(user(), "revoked")],
      ["idle", (id) => world.sessions.endIdle(seen(id), NOW + HOUR)],
      ["replaced", (id) => begin({ replaces: [id] })],
      ["saved", (id) => world.sessions.saveData(seen(id), patch, NOW)],
      ["rotated", (id) => world.sessions.rotate(seen(id), rotation, NOW)],
      ["renewed", (id) => world.sessions.renew(seen(id), NOW + 9 * HOUR, NOW)],
    ])("%s", async (_how, change) => {
      const { id } = await begin({
        user: { id: "u", name: "Una", email: null, role: null },
        secretHash: from,
        idleTimeoutSeconds: 600,
        renewableUntilMs: NOW + 9 * HOUR,
      });
      expect(await noticesOf(() => change(id))).toEqual([`session ${id}`]);
    });
  });

  it("E3, E4: where all of a client end, or all there are, the client is named first, before any of them is deleted", async () => {
    for (const scope of [{ clientId: world.clientId }, {}]) {
      const { id } = await begin();
      const notices = await noticesOf(() => world.sessions.endAll(scope, "operator"));
      expect(notices).toEqual([`client ${world.clientId}`, `session ${id}`]);
    }
  });

  it("E4: the clean-up names what it deletes", async () => {
    const { id } = await begin({ createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR });
    expect(await noticesOf(() => world.sessions.cleanup(10))).toEqual([`session ${id}`]);
  });

  it("anchor 7: touches tell nothing, nor does a hand that moves the activity forward, nor a sign-in", async () => {
    const { id } = await begin();
    expect(await noticesOf(() => world.sessions.touch(new Map([[id, NOW + 1_000]])))).toEqual([]);
    const forward = "last_activity_at = last_activity_at + interval '1 second'";
    expect(await noticesOf(() => update(id, forward))).toEqual([]);
    expect(await noticesOf(() => begin())).toEqual([]);
    expect((await world.sessions.find(id))?.session.lastActivityAtMs).toBe(NOW + 2_000);
  });

  it("E3: a change is told when it is committed, not before, and never when it is rolled back", async () => {
    const { id } = await begin();
    const hand = new pg.Client({ connectionString: world.database.url });
    await hand.connect();
    const endInTransaction = async () => {
      await hand.query("begin");
      await hand.query("select public.end_app_session($1)", [id]);
    };
    expect(await noticesOf(endInTransaction)).toEqual([]);
    expect(await noticesOf(() => hand.query("rollback"))).toEqual([]);
    expect(await noticesOf(endInTransaction)).toEqual([]);
    expect(await noticesOf(() => hand.query("commit"))).toEqual([`session ${id}`]);
    await hand.end();
  });

  it("E4: of sessions that end together each is named, in notices that PostgreSQL carries", async () => {
    const ids = await world.insertSessions(2_500);
    const notices = await noticesOf(() => world.sessions.endAll({ clientId: world.clientId }, "operator"));
    expect(notices.shift()).toBe(`client ${world.clientId}`);
    const named = notices.flatMap((notice) => notice.replace("session ", "").split(","));
    expect(named.sort()).toEqual(ids.sort());
    for (const notice of notices) expect(Buffer.byteLength(notice)).toBeLessThan(8_000);
  });
});
