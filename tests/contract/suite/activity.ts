import { describe, expect, it } from "vitest";
import { aSession, HOUR, NOW } from "../../support/examples";
import { seen, UNKNOWN_ID, type World } from "./world";

export function activity(world: World) {
  const read = async (id: string) => (await world.sessions.find(id, { fresh: true }))?.session;
  const lastActivity = async (id: string) => (await read(id))?.lastActivityAtMs;
  const begin = (changes = {}) => world.sessions.create(aSession(world.clientId, changes));

  describe("touch", () => {
    it("A5: moves the last activity of many sessions forward, and never back", async () => {
      const [a, b] = [await begin(), await begin()];
      await world.sessions.touch(new Map([[a.id, NOW + 5_000]]).set(b.id, NOW + 7_001));
      await world.sessions.touch(new Map([[a.id, NOW + 1_000]]));
      expect(await lastActivity(a.id)).toBe(NOW + 5_000);
      expect(await lastActivity(b.id)).toBe(NOW + 7_001);
    });

    it("E3: passes over sessions that are gone, and makes none", async () => {
      const { id } = await begin();
      await world.sessions.end(id, "signed_out");
      await world.sessions.touch(new Map([[id, NOW + 1]]).set(UNKNOWN_ID, NOW + 1));
      expect(await read(id)).toBeUndefined();
      expect(await read(UNKNOWN_ID)).toBeUndefined();
    });

    it("E3, R5: a session that was over at that moment is not brought back", async () => {
      const idle = await begin({ idleTimeoutSeconds: 600 });
      const expired = await begin({ expiresAtMs: NOW + 600_000 });
      await world.sessions.touch(new Map([[idle.id, NOW + 600_000]]).set(expired.id, NOW + 600_000));
      expect(await lastActivity(idle.id)).toBe(NOW);
      expect(await lastActivity(expired.id)).toBe(NOW);
      await world.sessions.touch(new Map([[idle.id, NOW + 599_999]]).set(expired.id, NOW + 599_999));
      expect(await lastActivity(idle.id)).toBe(NOW + 599_999);
      expect(await lastActivity(expired.id)).toBe(NOW + 599_999);
    });

    it("R7: activity resets the idle limit only", async () => {
      const { id } = await begin({ idleTimeoutSeconds: 600 });
      await world.sessions.touch(new Map([[id, NOW + 500_000]]));
      expect(await world.sessions.endIdle(seen(id), NOW + 1_099_999)).toBe(false);
      expect((await read(id))?.expiresAtMs).toBe(NOW + 8 * HOUR);
      expect(await world.sessions.endIdle(seen(id), NOW + 1_100_000)).toBe(true);
    });

    it("takes an empty batch, and tells no change of data", async () => {
      await world.sessions.touch(new Map());
      const { id } = await begin();
      await world.sessions.touch(new Map([[id, NOW + 1]]));
      expect((await read(id))?.revision).toBe(0);
    });
  });

  describe("renew", () => {
    const renewable = (changes = {}) => begin({ renewableUntilMs: NOW + 20 * HOUR, ...changes });

    it("E6: moves the end forward, and never back", async () => {
      const { id } = await renewable();
      expect(await world.sessions.renew(seen(id), NOW + 10 * HOUR, NOW)).toBe(NOW + 10 * HOUR);
      expect(await world.sessions.renew(seen(id), NOW + 9 * HOUR, NOW)).toBe(NOW + 10 * HOUR);
      expect((await read(id))?.expiresAtMs).toBe(NOW + 10 * HOUR);
    });

    it("R6: no renewal goes beyond the absolute lifetime", async () => {
      const { id } = await renewable();
      expect(await world.sessions.renew(seen(id), NOW + 21 * HOUR, NOW)).toBe(NOW + 20 * HOUR);
      const fixed = await begin();
      expect(await world.sessions.renew(seen(fixed.id), NOW + 9 * HOUR, NOW)).toBe(NOW + 8 * HOUR);
    });

    it("E3: renews nothing that is over, by either clock, or gone", async () => {
      const { id } = await renewable({ idleTimeoutSeconds: 600 });
      expect(await world.sessions.renew(seen(id), NOW + 10 * HOUR, NOW + 600_000)).toBeUndefined();
      expect(await world.sessions.renew(seen(id), NOW + 10 * HOUR, NOW + 8 * HOUR)).toBeUndefined();
      await world.sessions.end(id, "signed_out");
      expect(await world.sessions.renew(seen(id), NOW + 10 * HOUR, NOW)).toBeUndefined();
      expect(await read(id)).toBeUndefined();
    });

    it("R5: counts activity that the store was not told of yet", async () => {
      const { id } = await renewable({ idleTimeoutSeconds: 600 });
      const active = seen(id, NOW + 599_000);
      expect(await world.sessions.renew(active, NOW + 10 * HOUR, NOW + 700_000)).toBe(NOW + 10 * HOUR);
    });
  });
}
