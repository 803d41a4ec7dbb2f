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
        previous: { secretHash: change.from, graceUntilMs: NOW + 10_000 },
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
      expect(await find(id)).toMatchObject({ secretHash: change.from, previous: undefined });
      await world.sessions.end(id, "signed_out");
      for (const gone of [id, UNKNOWN_ID]) {
        expect(await world.sessions.rotate(seen(gone), change, NOW)).toBe(false);
        expect(await find(gone)).toBeUndefined();
      }
    });
  });
}
