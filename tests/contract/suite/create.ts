import { describe, expect, it } from "vitest";
import { ClientNotInstalledError } from "../../../app/lib/base/errors";
import { SessionLimitError, SignInOvertakenError } from "../../../app/lib/sessions/errors";
import { aClient, aSession, HOUR, NOW } from "../../support/examples";
import { jason, jasons, UNKNOWN_ID, type World } from "./world";

export function creating(world: World) {
  const exists = async (id: string) => (await world.sessions.find(id)) !== undefined;
  const reasonOf = async (sessionId: string) =>
    (await world.sessions.events({ sessionId }, 1))[0]?.reason ?? undefined;

  describe("create and find", () => {
    it("A1: keeps what it was given, to the millisecond", async () => {
      const given = aSession(world.clientId, {
        data: { theme: "dark", "naïve 'key'": ["é", 1.5, null, { deep: [true, {}] }], empty: {} },
        origin: "install",
        renewableUntilMs: NOW + 20 * HOUR,
        idleTimeoutSeconds: 901,
      });
      const { secretHash, isRoleKnown, replaces, ticket, limit, ...fields } = given;
      const session = { ...fields, tenantId: "old-oak", revision: 0, lastActivityAtMs: NOW };
      expect(await world.sessions.create(given)).toEqual(session);
      expect(await world.sessions.find(given.id)).toEqual({ session, secretHash, previous: [] });
      expect(await world.sessions.find(given.id, { fresh: true })).toEqual({
        session,
        secretHash,
        previous: [],
      });
    });

    it("keeps a user without e-mail and role, and a browser that said nothing", async () => {
      const user = { id: "u1", name: "Marta", email: null, role: null };
      const { id } = await world.sessions.create(aSession(world.clientId, { user, device: null }));
      expect((await world.sessions.find(id))?.session).toMatchObject({ user, device: null });
    });

    it("finds an expired session too: whether it is live is the caller's clock's business", async () => {
      const expired = aSession(world.clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR });
      await world.sessions.create(expired);
      expect(await exists(expired.id)).toBe(true);
    });

    it("R4, E12: knows no session by an unknown id", async () => {
      expect(await world.sessions.find(UNKNOWN_ID)).toBeUndefined();
      expect(await world.sessions.find(UNKNOWN_ID, { fresh: true })).toBeUndefined();
    });

    it("R4, E12: an id in use is refused; the session that has it stays as it was, and nothing ends", async () => {
      const first = await world.sessions.create(jasons(world));
      const again = jasons(world, { id: first.id, limit: { max: 1, atMax: "end-oldest" } });
      await expect(world.sessions.create(again)).rejects.toThrow();
      expect((await world.sessions.find(first.id))?.session).toEqual(first);
    });

    it("C4, F6: the sessions that a new one replaces are gone, of other users and clients too", async () => {
      const other = await world.clients.install(aClient("bodega"));
      const old = [
        await world.sessions.create(aSession(world.clientId)),
        await world.sessions.create(aSession(other.id)),
      ];
      for (const { id } of old) expect(await exists(id)).toBe(true);
      const replaces = [...old.map(({ id }) => id), UNKNOWN_ID];
      const fresh = await world.sessions.create(aSession(world.clientId, { replaces }));
      for (const { id } of old) {
        expect(await exists(id)).toBe(false);
        expect(await reasonOf(id)).toBe("replaced");
      }
      expect(await exists(fresh.id)).toBe(true);
    });

    it("R11: refuses a client that is unknown or uninstalled, and ends nothing then", async () => {
      const other = await world.clients.install(aClient("bodega"));
      const kept = await world.sessions.create(aSession(other.id));
      await world.clients.uninstall("old-oak");
      for (const refused of [world.clientId, UNKNOWN_ID]) {
        const creating = world.sessions.create(aSession(refused, { replaces: [kept.id] }));
        await expect(creating).rejects.toThrow(ClientNotInstalledError);
      }
      expect(await exists(kept.id)).toBe(true);
    });

    it("leaves an event", async () => {
      const { id } = await world.sessions.create(jasons(world));
      const [event, ...others] = await world.sessions.events({ sessionId: id }, 10);
      expect(others).toEqual([]);
      expect(event).toMatchObject({
        event: "started",
        reason: null,
        sessionId: id,
        clientId: world.clientId,
      });
      expect(event).toMatchObject({ user: { id: "jason", name: "Jason" }, device: "Firefox on Windows" });
    });
  });

  describe("R9, E6: sessions per user", () => {
    const signIn = (max: number, atMax: "end-oldest" | "refuse-new", minute = 0, changes = {}) =>
      world.sessions.create(
        jasons(world, { createdAtMs: NOW + minute * 60_000, limit: { max, atMax }, ...changes }),
      );
    const live = async () =>
      (await world.sessions.listOpen({ clientId: world.clientId }, NOW, 50)).map(({ id }) => id);

    it("ends the oldest where the policy says so", async () => {
      const ids = [];
      for (const minute of [1, 2, 3, 4]) {
        ids.unshift((await signIn(2, "end-oldest", minute)).id);
        expect(await exists(ids[0] as string)).toBe(true);
      }
      expect(await exists(ids[3] as string)).toBe(false);
      expect(await live()).toEqual(ids.slice(0, 2));
      expect(await reasonOf(ids[3] as string)).toBe("limit");
    });

    it("ends as many as a lower limit asks for", async () => {
      for (const minute of [1, 2, 3]) await signIn(0, "end-oldest", minute);
      const { id } = await signIn(1, "end-oldest", 4);
      expect(await live()).toEqual([id]);
    });

    it("refuses the new one where the policy says so, and makes and ends nothing", async () => {
      const kept = [await signIn(2, "refuse-new", 1), await signIn(2, "refuse-new", 2)];
      await expect(signIn(2, "refuse-new", 3)).rejects.toThrow(SessionLimitError);
      expect(await live()).toEqual(kept.map(({ id }) => id).reverse());
    });

    it("counts neither what the new one replaces, nor what is over, nor other people's", async () => {
      const replaced = await signIn(1, "refuse-new", 1);
      await signIn(0, "refuse-new", 0, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW });
      await signIn(0, "refuse-new", 0, { createdAtMs: NOW - HOUR, idleTimeoutSeconds: 600 });
      const elsewhere = await world.clients.install(aClient("bodega"));
      await world.sessions.create(aSession(elsewhere.id, { user: jason }));
      await world.sessions.create(aSession(world.clientId, { user: { ...jason, id: "marta" } }));
      const { id } = await signIn(1, "refuse-new", 2, { replaces: [replaced.id] });
      expect(await exists(id)).toBe(true);
    });

    it("a session of an install that nobody used counts for no limit, and goes first", async () => {
      const installed = await signIn(0, "refuse-new", 5, { origin: "install" });
      const first = await signIn(2, "refuse-new", 1);
      const second = await signIn(2, "refuse-new", 2);
      expect(await live()).toEqual([second.id, first.id]);
      expect(await reasonOf(installed.id)).toBe("limit");
    });

    it("a session of an install that was used counts like any other", async () => {
      const installed = await signIn(0, "refuse-new", 0, { origin: "install" });
      await world.sessions.touch(new Map([[installed.id, NOW + 1]]));
      await expect(signIn(1, "refuse-new", 2)).rejects.toThrow(SessionLimitError);
    });

    it.each(["end-oldest", "refuse-new"] as const)(
      "is exact beside parallel sign-ins (%s)",
      async (atMax) => {
        for (let round = 0; round < 40; round += 1) {
          const user = { ...jason, id: `jason-${round}` };
          const limit = { max: 3, atMax };
          const signIns = Array.from({ length: 9 }, (_, index) => {
            const worker = world.workers[index % world.workers.length];
            return worker?.create(aSession(world.clientId, { user, limit }));
          });
          const outcomes = await Promise.allSettled(signIns);
          const refused = outcomes.filter(({ status }) => status === "rejected");
          expect(refused).toHaveLength(atMax === "refuse-new" ? 6 : 0);
          const of = { clientId: world.clientId, userId: user.id };
          expect(await world.sessions.listOpen(of, NOW, 50)).toHaveLength(3);
        }
      },
    );
  });

  describe("R3: a sign-in with other rights", () => {
    const withRole = (role: string | null, changes = {}) =>
      world.sessions.create(jasons(world, { user: { ...jason, role }, ...changes }));

    it("ends the user's sessions that have the old ones, and no other", async () => {
      const owner = await withRole("Admin Owner");
      expect(await exists(owner.id)).toBe(true);
      const same = await withRole("Staff", { user: { ...jason, id: "marta", role: "Admin Owner" } });
      const staff = await withRole("Staff");
      expect(await exists(owner.id)).toBe(false);
      expect(await reasonOf(owner.id)).toBe("rights_changed");
      expect(await exists(same.id)).toBe(true);
      expect(await exists(staff.id)).toBe(true);
    });

    it("no role any more ends those that have one", async () => {
      const owner = await withRole("Admin Owner");
      const none = await withRole(null);
      expect(await exists(owner.id)).toBe(false);
      expect(await reasonOf(owner.id)).toBe("rights_changed");
      expect(await exists(none.id)).toBe(true);
    });

    it("a role that is not known ends nothing", async () => {
      const owner = await withRole("Admin Owner");
      const unknown = await withRole(null, { isRoleKnown: false });
      await withRole("Admin Owner");
      expect(await exists(owner.id)).toBe(true);
      expect(await exists(unknown.id)).toBe(true);
    });

    it("a refused sign-in ends nothing", async () => {
      const owner = await withRole("Admin Owner");
      const staff = { user: { ...jason, role: "Admin Owner" }, limit: { max: 1, atMax: "refuse-new" } };
      await expect(world.sessions.create(jasons(world, staff as never))).rejects.toThrow(SessionLimitError);
      expect(await exists(owner.id)).toBe(true);
    });
  });

  it("R10: a sign-in that began before all were ended is refused, a later one is not, whatever instances' clocks say", async () => {
    const { clientId } = world;
    const kept = await world.sessions.create(aSession((await world.clients.install(aClient("bodega"))).id));
    const [here, there] = [world.sessions, world.workers.at(-1) ?? world.sessions];
    const signIn = (ticket: number, createdAtMs = NOW) =>
      there.create(jasons(world, { ticket, createdAtMs, expiresAtMs: NOW + 8 * HOUR, replaces: [kept.id] }));
    const scopes = [{ clientId, userId: "jason" }, { clientId }, {}];
    for (const scope of scopes) {
      const before = await there.beginSignIn();
      await here.endAll(scope, "revoked");
      const after = await there.beginSignIn();
      await expect(signIn(before, NOW + 60_000)).rejects.toThrow(SignInOvertakenError);
      expect(await exists(kept.id)).toBe(scope.clientId !== undefined);
      await there.create(jasons(world, { ticket: after, createdAtMs: NOW - 60_000 }));
    }
  });

  it("R10: of another user or client it is none", async () => {
    const { clientId } = world;
    const other = await world.clients.install(aClient("bodega"));
    const ticket = await world.sessions.beginSignIn();
    await world.sessions.endAll({ clientId, userId: "marta" }, "revoked");
    await world.sessions.endAll({ clientId: other.id }, "revoked_by_admin");
    expect(await world.sessions.create(jasons(world, { ticket }))).toBeDefined();
  });

  it("R10: without a ticket it begins when it is made", async () => {
    await world.sessions.endAll({}, "operator");
    expect(await world.sessions.create(jasons(world))).toBeDefined();
  });
}
