import { describe, expect, it } from "vitest";
import { SessionConflictError, SessionDataError } from "../../../app/lib/sessions/errors";
import { aSession, HOUR, NOW } from "../../support/examples";
import { aPatch, seen, UNKNOWN_ID, type World } from "./world";

export function data(world: World) {
  const begin = (changes = {}) => world.sessions.create(aSession(world.clientId, changes));
  const kept = async (id: string) => (await world.sessions.find(id, { fresh: true }))?.session;
  const save = (id: string, patch: Parameters<typeof aPatch>[0], nowMs = NOW) =>
    world.sessions.saveData(seen(id), aPatch(patch), nowMs);

  describe("saveData", () => {
    it("merges the keys that changed and takes away those that are to go", async () => {
      const { id } = await begin({ data: { theme: "dark", a: 1, b: 2 } });
      const set = { theme: "light", c: { d: [1] } };
      const saved = { data: { theme: "light", b: 2, c: { d: [1] } }, revision: 1 };
      expect(await save(id, { set, unset: ["a"] })).toEqual(saved);
      expect(await kept(id)).toMatchObject(saved);
    });

    it("keeps any JSON value, under any key", async () => {
      const { id } = await begin();
      const set = {
        "": null,
        "naïve 'key'": 'quotes " and \\ and \u2028',
        constructor: false,
        numbers: [0, -1.5, 1e300, 5e-324, Number.MAX_SAFE_INTEGER],
        deep: { a: [{ b: [[], {}, ""] }] },
      };
      expect((await save(id, { set }))?.data).toEqual(set);
      expect((await kept(id))?.data).toEqual(set);
    });

    it("E2: twenty requests that change twenty keys at once all win", async () => {
      const { id } = await begin();
      const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
      const saves = keys.map((key, index) => {
        const worker = world.workers[index % world.workers.length];
        return worker?.saveData(seen(id), aPatch({ set: { [key]: key } }), NOW);
      });
      await Promise.all(saves);
      expect(await kept(id)).toMatchObject({
        data: Object.fromEntries(keys.map((key) => [key, key])),
        revision: 20,
      });
    });

    it("E2: the later of two requests that change the same key gets a conflict, and saves nothing", async () => {
      const { id } = await begin();
      await save(id, { set: { cart: [1], theme: "dark" } });
      const late = save(id, { set: { cart: [2], other: 1 }, unset: ["theme"] });
      await expect(late).rejects.toThrow(SessionConflictError);
      await expect(late).rejects.toMatchObject({ keys: ["cart", "theme"] });
      expect(await kept(id)).toMatchObject({ data: { cart: [1], theme: "dark" }, revision: 1 });
      expect(await save(id, { set: { cart: [2] }, revision: 1 })).toMatchObject({
        data: { cart: [2] },
        revision: 2,
      });
    });

    it("E2: of many requests that change the same key at once exactly one wins", async () => {
      const { id } = await begin();
      const saves = Array.from({ length: 12 }, (_, index) => {
        const worker = world.workers[index % world.workers.length];
        return worker?.saveData(seen(id), aPatch({ set: { cart: index } }), NOW);
      });
      const outcomes = await Promise.allSettled(saves);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await kept(id))?.revision).toBe(1);
    });

    it("E2: a key that was taken away meanwhile conflicts as well", async () => {
      const { id } = await begin({ data: { a: 1 } });
      await save(id, { unset: ["a"] });
      await expect(save(id, { set: { a: 2 } })).rejects.toThrow(SessionConflictError);
    });

    it("E2: by choice the last write of a key wins, and others still conflict", async () => {
      const { id } = await begin();
      await save(id, { set: { seen: 1, cart: 1 } });
      expect((await save(id, { set: { seen: 2 }, overwrite: ["seen"] }))?.data).toEqual({ seen: 2, cart: 1 });
      const both = save(id, { set: { seen: 3, cart: 3 }, overwrite: ["seen"] });
      await expect(both).rejects.toMatchObject({ keys: ["cart"] });
    });

    it("refuses data that grow too large, says how large and what to do, and keeps what was there", async () => {
      const { id } = await begin();
      await save(id, { set: { small: 1 } });
      const large = save(id, { set: { large: "x".repeat(2_000) }, revision: 1, maxBytes: 2_000 });
      await expect(large).rejects.toThrow(SessionDataError);
      await expect(large).rejects.toThrow(/at most 2000.*table of their own/);
      expect(await kept(id)).toMatchObject({ data: { small: 1 }, revision: 1 });
      expect(
        await save(id, { set: { large: "x".repeat(1_800) }, revision: 1, maxBytes: 2_000 }),
      ).toBeDefined();
    });

    it("counts bytes, not characters, and what was there before", async () => {
      const { id } = await begin({ data: { before: "é".repeat(500) } });
      await expect(save(id, { set: { b: "é".repeat(450) }, maxBytes: 1_800 })).rejects.toThrow(
        SessionDataError,
      );
      expect(await save(id, { set: { b: "e".repeat(450) }, maxBytes: 1_800 })).toBeDefined();
    });

    it("E3: saves nothing to a session that is over, by either clock, or gone; and revives none", async () => {
      const { id } = await begin({ idleTimeoutSeconds: 600 });
      expect(await save(id, { set: { a: 1 } }, NOW + 8 * HOUR)).toBeUndefined();
      expect(await save(id, { set: { a: 1 } }, NOW + 600_000)).toBeUndefined();
      expect((await kept(id))?.data).toEqual({});
      await world.sessions.end(id, "signed_out");
      for (const gone of [id, UNKNOWN_ID]) {
        expect(await save(gone, { set: { a: 1 } })).toBeUndefined();
        expect(await kept(gone)).toBeUndefined();
      }
    });

    it("R5: counts activity that the store was not told of yet", async () => {
      const { id } = await begin({ idleTimeoutSeconds: 600 });
      const active = seen(id, NOW + 599_000);
      expect(await world.sessions.saveData(active, aPatch({ set: { a: 1 } }), NOW + 700_000)).toBeDefined();
    });
  });
}
