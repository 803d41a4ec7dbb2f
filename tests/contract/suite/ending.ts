import { describe, expect, it } from "vitest";
import { END_REASONS } from "../../../app/lib/sessions/session";
import { aClient, aSession, NOW } from "../../support/examples";
import { RANDOM_RUNS, runCount } from "../../support/run-length";
import { aPatch, jason, jasons, seen, UNKNOWN_ID, type World } from "./world";

const RUNS = runCount(100, 1_000);
const AT_ONCE = 10;

export function ending(world: World) {
  const begin = (changes = {}) => world.sessions.create(aSession(world.clientId, changes));
  const exists = async (id: string) => (await world.sessions.find(id)) !== undefined;
  const reasonOf = async (sessionId: string) => (await world.sessions.events({ sessionId }, 1))[0]?.reason;

  describe("end", () => {
    it("A6: ends the session, once", async () => {
      const { id } = await begin();
      expect(await exists(id)).toBe(true);
      expect(await world.sessions.end(id, "signed_out")).toBe(true);
      expect(await exists(id)).toBe(false);
      expect(await world.sessions.end(id, "signed_out")).toBe(false);
      expect(await world.sessions.end(UNKNOWN_ID, "signed_out")).toBe(false);
      expect(await world.sessions.events({ sessionId: id }, 10)).toHaveLength(2);
    });

    it.each(END_REASONS)("E8: leaves an event with its reason: %s", async (reason) => {
      const { id } = await begin();
      await world.sessions.end(id, reason);
      expect(await reasonOf(id)).toBe(reason);
    });

    it("E3: an ended session stays ended beside saves and touches under way", async () => {
      for (let round = 0; round < 20; round += 1) {
        const { id } = await begin();
        await Promise.all([
          world.sessions.saveData(seen(id), aPatch({ set: { round } }), NOW),
          world.sessions.end(id, "signed_out"),
          world.sessions.touch(new Map([[id, NOW + 1]])),
          world.sessions.saveData(seen(id), aPatch({ set: { late: true } }), NOW),
        ]);
        expect(await exists(id)).toBe(false);
      }
    });
  });

  describe("endIdle", () => {
    it("R5: ends a session whose idle limit has run out, not a moment earlier", async () => {
      const { id } = await begin({ idleTimeoutSeconds: 600 });
      expect(await world.sessions.endIdle(seen(id), NOW + 599_999)).toBe(false);
      expect(await exists(id)).toBe(true);
      expect(await world.sessions.endIdle(seen(id), NOW + 600_000)).toBe(true);
      expect(await exists(id)).toBe(false);
      expect(await reasonOf(id)).toBe("idle");
    });

    it("R5: not where its caller has seen it active since", async () => {
      const { id } = await begin({ idleTimeoutSeconds: 600 });
      const seenLater = seen(id, NOW + 500_000);
      expect(await world.sessions.endIdle(seenLater, NOW + 1_099_999)).toBe(false);
      expect(await exists(id)).toBe(true);
      expect(await world.sessions.endIdle(seenLater, NOW + 1_100_000)).toBe(true);
    });

    it("passes over a session without an idle limit, and an unknown one", async () => {
      const { id } = await begin();
      expect(await world.sessions.endIdle(seen(id), NOW + 1e9)).toBe(false);
      expect(await world.sessions.endIdle(seen(UNKNOWN_ID), NOW)).toBe(false);
      expect(await exists(id)).toBe(true);
    });
  });

  describe("endAll", () => {
    const alive = async (sessions: Record<string, { id: string }>) => {
      const names = [];
      for (const [name, { id }] of Object.entries(sessions)) if (await exists(id)) names.push(name);
      return names;
    };

    /** Two of Jason's and one of Marta's here, one of Jason's at another client. */
    const four = async () => {
      const other = await world.clients.install(aClient("bodega"));
      const first = await world.sessions.create(jasons(world));
      const second = await world.sessions.create(jasons(world));
      const martas = await begin();
      const elsewhere = await world.sessions.create(aSession(other.id, { user: jason }));
      const sessions = { first, second, martas, elsewhere };
      // Read once, as by requests before: what is remembered has to be forgotten.
      expect(await alive(sessions)).toHaveLength(4);
      return sessions;
    };
    it("E5: of a user but for one", async () => {
      const sessions = await four();
      const scope = { clientId: world.clientId, userId: "jason", exceptId: sessions.second.id };
      expect(await world.sessions.endAll(scope, "revoked")).toBe(1);
      expect(await alive(sessions)).toEqual(["second", "martas", "elsewhere"]);
      expect(await reasonOf(sessions.first.id)).toBe("revoked");
    });

    it("E5: of a user", async () => {
      const sessions = await four();
      const scope = { clientId: world.clientId, userId: "jason" };
      expect(await world.sessions.endAll(scope, "revoked")).toBe(2);
      expect(await alive(sessions)).toEqual(["martas", "elsewhere"]);
    });

    it("R14: of a client", async () => {
      const sessions = await four();
      expect(await world.sessions.endAll({ clientId: world.clientId }, "revoked_by_admin")).toBe(3);
      expect(await alive(sessions)).toEqual(["elsewhere"]);
    });

    it("R14: of all", async () => {
      const sessions = await four();
      expect(await world.sessions.endAll({}, "operator")).toBe(4);
      expect(await alive(sessions)).toEqual([]);
    });

    it("of nobody is no fault", async () => {
      expect(await world.sessions.endAll({ clientId: UNKNOWN_ID }, "operator")).toBe(0);
      expect(await world.sessions.endAll({ clientId: UNKNOWN_ID, userId: "x" }, "operator")).toBe(0);
      expect(await world.sessions.endAll({ clientId: world.clientId, userId: "x" }, "operator")).toBe(0);
    });

    it(`R10, promise 3: is exact beside parallel sign-ins: 0 survivors in ${RUNS} runs`, {
      timeout: 120_000,
      tags: [RANDOM_RUNS],
    }, async () => {
      let survivors = 0;
      const run = async (name: string) => {
        const user = { ...jason, id: name };
        const scope = { clientId: world.clientId, userId: name };
        const ticket = await world.sessions.beginSignIn();
        const signIn = (index: number) => {
          const worker = world.workers[index % world.workers.length];
          return worker?.create(aSession(world.clientId, { user, ticket })).catch(() => undefined);
        };
        await signIn(0);
        const before = [signIn(1), signIn(2)];
        const ended = world.sessions.endAll(scope, "revoked");
        await Promise.all([...before, ended, signIn(3), signIn(0)]);
        survivors += (await world.sessions.listOpen(scope, NOW, 10)).length;
      };
      for (let first = 0; first < RUNS; first += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(`user-${first + index}`)));
      }
      expect(survivors).toBe(0);
    });
  });
}
