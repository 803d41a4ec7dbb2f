import { describe, expect, it } from "vitest";
import { hashSecret, newSecret } from "../../../app/lib/sessions/token";
import { aSession, HOUR, NOW } from "../../support/examples";
import { jason, seen, UNKNOWN_ID, type World } from "./world";

export function rotation(world: World) {
  const find = (id: string) => world.sessions.find(id, { fresh: true });
  const begin = async (changes = {}) => {
    const given = aSession(world.clientId, { user: jason, ...changes });
    await world.sessions.create(given);
    return { id: given.id, from: given.secretHash, to: hashSecret(newSecret()), graceUntilMs: NOW + 10_000 };
  };

  describe("rotate", () => {
    it("R3, R34: replaces the secret, and remembers the one before with its grace", async () => {
      const { id, ...change } = await begin();
      expect(await world.sessions.rotate(seen(id), change, NOW)).toBe(true);
      expect(await find(id)).toMatchObject({
        secretHash: change.to,
        previous: [{ secretHash: change.from, graceUntilMs: NOW + 10_000 }],
        session: { user: jason, revision: 0, expiresAtMs: NOW + 8 * HOUR },
      });
      const events = await world.sessions.events({ sessionId: id }, 10);
      expect(events.map(({ event }) => event)).toEqual(["rotated", "started"]);
    });

    it("R3: gives the user a new role with it", async () => {
      const { id, ...change } = await begin();
      await world.sessions.rotate(seen(id), { ...change, role: "Staff" }, NOW);
      expect((await find(id))?.session.user).toEqual({ ...jason, role: "Staff" });
    });

    it("R3: takes the role away where that is what changes, and leaves it otherwise", async () => {
      const { id, ...change } = await begin();
      const again = { from: change.to, to: hashSecret(newSecret()), graceUntilMs: NOW };
      await world.sessions.rotate(seen(id), change, NOW);
      expect((await find(id))?.session.user.role).toBe(jason.role);
      await world.sessions.rotate(seen(id), { ...again, role: null }, NOW);
      expect((await find(id))?.session.user.role).toBeNull();
    });

    it("R34: two within the grace: each secret before is remembered with its own, the newest first, until it is over", async () => {
      const { id, from, to } = await begin();
      const [third, fourth] = [hashSecret(newSecret()), hashSecret(newSecret())];
      const rotate = (before: Buffer, after: Buffer, nowMs: number) =>
        world.sessions.rotate(seen(id), { from: before, to: after, graceUntilMs: nowMs + 10_000 }, nowMs);
      await rotate(from, to, NOW);
      await rotate(to, third, NOW + 5_000);
      expect(await find(id)).toMatchObject({
        secretHash: third,
        previous: [
          { secretHash: to, graceUntilMs: NOW + 15_000 },
          { secretHash: from, graceUntilMs: NOW + 10_000 },
        ],
      });
      await rotate(third, fourth, NOW + 10_000);
      expect((await find(id))?.previous.map(({ secretHash }) => secretHash)).toEqual([third, to]);
    });

    it("R34: only the secret of now can be replaced: of many at once exactly one is", async () => {
      const { id, ...change } = await begin();
      const rotations = Array.from({ length: 8 }, (_, index) => {
        const worker = world.workers[index % world.workers.length];
        return worker?.rotate(seen(id), { ...change, to: hashSecret(newSecret()) }, NOW);
      });
      expect((await Promise.all(rotations)).filter(Boolean)).toHaveLength(1);
      expect(await world.sessions.rotate(seen(id), change, NOW)).toBe(false);
    });

    it("E3: rotates nothing that is over, by either clock, or gone; and revives none", async () => {
      const { id, ...change } = await begin({ idleTimeoutSeconds: 600 });
      expect(await world.sessions.rotate(seen(id), change, NOW + 600_000)).toBe(false);
      expect(await world.sessions.rotate(seen(id), change, NOW + 8 * HOUR)).toBe(false);
      expect(await find(id)).toMatchObject({ secretHash: change.from, previous: [] });
      await world.sessions.end(id, "signed_out");
      for (const gone of [id, UNKNOWN_ID]) {
        expect(await world.sessions.rotate(seen(gone), change, NOW)).toBe(false);
        expect(await find(gone)).toBeUndefined();
      }
    });
  });
}
