import { describe, expect, it } from "vitest";
import { aClient, aSession, HOUR, NOW } from "../../support/examples";
import { jason, jasons, UNKNOWN_ID, type World } from "./world";

const MINUTE = 60_000;
const DAYS = 24 * HOUR;

export function directory(world: World) {
  const over = () => [
    aSession(world.clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW }),
    aSession(world.clientId, { createdAtMs: NOW - HOUR, idleTimeoutSeconds: 3_600 }),
  ];

  describe("what there is", () => {
    it("E5: lists the live sessions of a client, of a user, and of all, the newest first", async () => {
      const at = (minutes: number, changes = {}) =>
        aSession(world.clientId, { createdAtMs: NOW + minutes * MINUTE, ...changes });
      const [first, second, third] = [
        at(1, { user: jason, origin: "install" }),
        at(2),
        at(3, { user: jason }),
      ];
      const elsewhere = (await world.clients.install(aClient("bodega"))).id;
      const fourth = aSession(elsewhere, { createdAtMs: NOW + 4 * MINUTE, user: jason });
      for (const session of [second, third, first, fourth, ...over()]) await world.sessions.create(session);

      const list = (of: { clientId?: string; userId?: string }, limit = 10) =>
        world.sessions.listOpen(of, NOW, limit);
      const ids = async (of: { clientId?: string; userId?: string }, limit?: number) =>
        (await list(of, limit)).map(({ id }) => id);
      const { clientId } = world;
      expect(await ids({ clientId })).toEqual([third.id, second.id, first.id]);
      expect(await ids({ clientId, userId: "jason" })).toEqual([third.id, first.id]);
      expect(await ids({})).toEqual([fourth.id, third.id, second.id, first.id]);
      expect(await ids({ clientId }, 2)).toEqual([third.id, second.id]);
      expect((await list({ clientId }))[2]).toEqual({
        id: first.id,
        clientId,
        tenantId: "old-oak",
        user: { id: "jason", name: "Jason" },
        origin: "install",
        device: "Firefox on Windows",
        createdAtMs: first.createdAtMs,
        expiresAtMs: first.expiresAtMs,
        lastActivityAtMs: first.createdAtMs,
      });
    });

    it("counts a client's live sessions, and the people who hold them", async () => {
      for (const user of [jason, jason, { ...jason, id: "marta" }]) {
        await world.sessions.create(aSession(world.clientId, { user }));
      }
      for (const session of over()) await world.sessions.create(session);
      expect(await world.sessions.stats(world.clientId, NOW)).toEqual({ openSessions: 3, signedInUsers: 2 });
      expect(await world.sessions.stats(UNKNOWN_ID, NOW)).toEqual({ openSessions: 0, signedInUsers: 0 });
    });

    it("counts an install's session from its first use on", async () => {
      const { id } = await world.sessions.create(jasons(world, { origin: "install" }));
      const counted = async () => ({
        ...(await world.sessions.stats(world.clientId, NOW)),
        ...(await world.sessions.totals(NOW)),
      });
      const none = { openSessions: 0, signedInUsers: 0, active: 0, users: 0, clients: 0 };
      expect(await counted()).toMatchObject({ ...none, total: 1, expired: 0 });
      await world.sessions.touch(new Map([[id, NOW + 1]]));
      const one = { openSessions: 1, signedInUsers: 1, active: 1, users: 1, clients: 1 };
      expect(await counted()).toMatchObject({ ...one, total: 1, expired: 0 });
    });

    it("A10: totals over all clients", async () => {
      expect(await world.sessions.totals(NOW)).toMatchObject({ total: 0, active: 0, meanIdleMinutes: 0 });
      const elsewhere = (await world.clients.install(aClient("bodega"))).id;
      for (const clientId of [world.clientId, world.clientId, elsewhere]) {
        await world.sessions.create(aSession(clientId, { user: jason }));
      }
      for (const session of over()) await world.sessions.create(session);
      const { id } = await world.sessions.create(jasons(world));
      await world.sessions.touch(new Map([[id, NOW + 4 * MINUTE]]));
      const totals = await world.sessions.totals(NOW + 4 * MINUTE);
      const { meanIdleMinutes, ...counts } = totals;
      const countedAtMs = NOW + 4 * MINUTE;
      expect(counts).toEqual({ total: 6, active: 4, expired: 2, clients: 2, users: 2, countedAtMs });
      expect(meanIdleMinutes).toBeCloseTo(3);
    });

    it("E8: counts endings by reason, since a moment", async () => {
      const ends = ["signed_out", "signed_out", "revoked"] as const;
      for (const reason of ends) {
        const { id } = await world.sessions.create(jasons(world));
        await world.sessions.end(id, reason);
      }
      await world.sessions.create(jasons(world));
      expect(await world.sessions.endings(NOW - DAYS)).toEqual({ signed_out: 2, revoked: 1 });
      expect(await world.sessions.endings(Date.now() + DAYS)).toEqual({});
    });

    it("E8: tells what happened at a client, the newest first, up to the limit", async () => {
      const first = await world.sessions.create(jasons(world));
      await world.sessions.end(first.id, "signed_out");
      const second = await world.sessions.create(jasons(world));
      const elsewhere = (await world.clients.install(aClient("bodega"))).id;
      await world.sessions.create(aSession(elsewhere));
      const events = await world.sessions.events({ clientId: world.clientId }, 10);
      expect(events.map(({ event, reason, sessionId }) => [event, reason, sessionId])).toEqual([
        ["started", null, second.id],
        ["ended", "signed_out", first.id],
        ["started", null, first.id],
      ]);
      expect(Math.abs((events[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await world.sessions.events({ clientId: world.clientId }, 1)).toEqual(events.slice(0, 1));
    });
  });

  describe("clean-up", () => {
    const expired = (agoMs = HOUR, changes = {}) =>
      aSession(world.clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - agoMs, ...changes });
    const exists = async (id: string) => (await world.sessions.find(id)) !== undefined;

    it("A8: deletes what has expired, in bites no larger than asked, and says how many", async () => {
      for (let count = 0; count < 5; count += 1) await world.sessions.create(expired());
      const live = await world.sessions.create(aSession(world.clientId));
      expect(await world.sessions.cleanup(2)).toBe(2);
      expect(await world.sessions.cleanup(2)).toBe(2);
      expect(await world.sessions.cleanup(2)).toBe(1);
      expect(await world.sessions.cleanup(2)).toBe(0);
      expect(await exists(live.id)).toBe(true);
    });

    it("leaves a margin for clocks that differ", async () => {
      // By the clock as it is now: the suite may have begun a while ago.
      const just = await world.sessions.create(expired(NOW - Date.now() + 20_000));
      const before = await world.sessions.create(expired(2 * MINUTE));
      expect(await world.sessions.cleanup(10)).toBe(1);
      expect(await exists(just.id)).toBe(true);
      expect(await exists(before.id)).toBe(false);
    });

    it("E8: counts each by the clock that ran out first", async () => {
      await world.sessions.create(expired());
      await world.sessions.create(expired(HOUR, { idleTimeoutSeconds: 3_600 }));
      const active = await world.sessions.create(expired(HOUR, { idleTimeoutSeconds: 3_600 * 5 }));
      await world.sessions.touch(new Map([[active.id, NOW - 5 * HOUR]]));
      await world.sessions.cleanup(10);
      expect(await world.sessions.endings(NOW - DAYS)).toEqual({ expired: 2, idle: 1 });
    });

    it("R36: deletes events past their retention, in bites, and no others", async () => {
      for (let count = 0; count < 3; count += 1) await world.sessions.create(jasons(world));
      expect(await world.sessions.cleanupEvents(10, 1)).toBe(0);
      // Retention in the future makes what is a moment old old enough.
      expect(await world.sessions.cleanupEvents(2, -1)).toBe(2);
      expect(await world.sessions.cleanupEvents(2, -1)).toBe(1);
      expect(await world.sessions.events({ clientId: world.clientId }, 10)).toEqual([]);
    });

    it("A9: sweeps both on a schedule's behalf", async () => {
      const { id } = await world.sessions.create(expired());
      expect(await world.sessions.sweep(100, 90)).toEqual({ outcome: "swept", deleted: 1, deletedEvents: 0 });
      expect(await exists(id)).toBe(false);
      expect(await world.sessions.sweep(100, -1)).toMatchObject({ deletedEvents: 2 });
    });
  });
}
