import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ClientNotInstalledError } from "../../app/lib/base/errors";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import type { StoresUnderTest } from "../support/stores";

const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

/** What every session store promises: the comments of `app/lib/sessions/store.ts`, as tests. */
export function describeSessionStore(name: string, open: () => Promise<StoresUnderTest>) {
  describe(`session store: ${name}`, () => {
    let stores: StoresUnderTest;
    let sessions: StoresUnderTest["sessions"];
    let clientId: string;
    beforeAll(async () => {
      stores = await open();
      sessions = stores.sessions;
    });
    beforeEach(async () => {
      await stores.reset();
      clientId = (await stores.clients.install(aClient("old-oak"))).id;
    });
    afterAll(() => stores.close());

    describe("create and find", () => {
      it("A1: keeps what it was given, to the millisecond", async () => {
        const given = aSession(clientId, {
          data: { theme: "dark", "naïve 'key'": ["é", 1.5, null, { deep: [true, {}] }], empty: {} },
        });
        const { secretHash, replaces, ...fields } = given;
        const session = { ...fields, tenantId: "old-oak", lastActivityAtMs: NOW };
        expect(await sessions.create(given)).toEqual(session);
        expect(await sessions.find(given.id)).toEqual({ session, secretHash });
      });

      it("keeps a user without e-mail and role", async () => {
        const user = { id: "u1", name: "Marta", email: null, role: null };
        const { id } = await sessions.create(aSession(clientId, { user }));
        expect((await sessions.find(id))?.session.user).toEqual(user);
      });

      it("finds an expired session too: whether it is valid is the caller's clock's business", async () => {
        const expired = aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR });
        await sessions.create(expired);
        expect(await sessions.find(expired.id)).toBeDefined();
      });

      it("E12: knows no session by an unknown id", async () => {
        expect(await sessions.find(UNKNOWN_ID)).toBeUndefined();
      });

      it("E12: an id in use is refused and the session that has it stays as it was", async () => {
        const first = await sessions.create(aSession(clientId));
        await expect(
          sessions.create(aSession(clientId, { id: first.id, data: { mine: true } })),
        ).rejects.toThrow();
        expect((await sessions.find(first.id))?.session).toEqual(first);
      });

      it("C4: the session that a new one replaces is gone", async () => {
        const old = await sessions.create(aSession(clientId));
        const fresh = await sessions.create(aSession(clientId, { replaces: old.id }));
        expect(await sessions.find(old.id)).toBeUndefined();
        expect(await sessions.find(fresh.id)).toBeDefined();
      });

      it("refuses a client that is unknown or uninstalled, and ends nothing then", async () => {
        const other = await stores.clients.install(aClient("bodega"));
        const kept = await sessions.create(aSession(other.id));
        await stores.clients.uninstall("old-oak");
        for (const refused of [clientId, UNKNOWN_ID]) {
          const creating = sessions.create(aSession(refused, { replaces: kept.id }));
          await expect(creating).rejects.toThrow(ClientNotInstalledError);
        }
        expect(await sessions.find(kept.id)).toBeDefined();
      });
    });

    describe("touch", () => {
      const lastActivity = async (id: string) => (await sessions.find(id))?.session.lastActivityAtMs;

      it("A5: moves the last activity of many sessions forward, and never back", async () => {
        const [a, b] = [await sessions.create(aSession(clientId)), await sessions.create(aSession(clientId))];
        await sessions.touch(
          new Map([
            [a.id, NOW + 5_000],
            [b.id, NOW + 7_001],
          ]),
        );
        await sessions.touch(new Map([[a.id, NOW + 1_000]]));
        expect(await lastActivity(a.id)).toBe(NOW + 5_000);
        expect(await lastActivity(b.id)).toBe(NOW + 7_001);
      });

      it("E3: passes over sessions that are gone, and makes none", async () => {
        const { id } = await sessions.create(aSession(clientId));
        await sessions.end(id);
        await sessions.touch(
          new Map([
            [id, NOW + 1],
            [UNKNOWN_ID, NOW + 1],
          ]),
        );
        expect(await sessions.find(id)).toBeUndefined();
        expect(await sessions.find(UNKNOWN_ID)).toBeUndefined();
      });

      it("takes an empty batch", async () => {
        await sessions.touch(new Map());
      });
    });

    describe("saveData", () => {
      it("merges the keys that changed and takes away those that are to go", async () => {
        const { id } = await sessions.create(aSession(clientId, { data: { theme: "dark", a: 1, b: 2 } }));
        const data = { theme: "light", b: 2, c: { d: [1] } };
        expect(
          await sessions.saveData(id, { set: { theme: "light", c: { d: [1] } }, unset: ["a"] }, NOW),
        ).toEqual(data);
        expect((await sessions.find(id))?.session.data).toEqual(data);
      });

      it("E2: twenty requests that change twenty keys at once all win", async () => {
        const { id } = await sessions.create(aSession(clientId));
        const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
        await Promise.all(keys.map((key) => sessions.saveData(id, { set: { [key]: key } }, NOW)));
        expect(Object.keys((await sessions.find(id))?.session.data ?? {}).sort()).toEqual(keys.sort());
      });

      it("E3: saves nothing to a session that ended, expired or never was, and revives none", async () => {
        const { id } = await sessions.create(aSession(clientId));
        expect(await sessions.saveData(id, { set: { a: 1 } }, NOW + 8 * HOUR)).toBeUndefined();
        expect((await sessions.find(id))?.session.data).toEqual({});
        await sessions.end(id);
        for (const gone of [id, UNKNOWN_ID]) {
          expect(await sessions.saveData(gone, { set: { a: 1 } }, NOW)).toBeUndefined();
          expect(await sessions.find(gone)).toBeUndefined();
        }
      });
    });

    describe("end", () => {
      it("A6: ends the session, once", async () => {
        const { id } = await sessions.create(aSession(clientId));
        expect(await sessions.end(id)).toBe(true);
        expect(await sessions.find(id)).toBeUndefined();
        expect(await sessions.end(id)).toBe(false);
      });

      it("E3: an ended session stays ended beside saves and touches under way", async () => {
        for (let round = 0; round < 20; round += 1) {
          const { id } = await sessions.create(aSession(clientId));
          await Promise.all([
            sessions.saveData(id, { set: { round } }, NOW),
            sessions.end(id),
            sessions.touch(new Map([[id, NOW + 1]])),
            sessions.saveData(id, { set: { late: true } }, NOW),
          ]);
          expect(await sessions.find(id)).toBeUndefined();
        }
      });
    });

    describe("listOpen and stats", () => {
      it("lists a client's open sessions, the newest first, up to the limit", async () => {
        const at = (minutes: number) => aSession(clientId, { createdAtMs: NOW + minutes * 60_000 });
        const [first, second, third] = [at(1), at(2), at(3)];
        for (const session of [second, third, first]) await sessions.create(session);
        await sessions.create(aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW }));
        await sessions.create(aSession((await stores.clients.install(aClient("bodega"))).id));

        const listed = await sessions.listOpen(clientId, NOW, 10);
        expect(listed.map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
        expect(listed[0]).toEqual({
          id: third.id,
          user: { id: third.user.id, name: third.user.name },
          createdAtMs: third.createdAtMs,
          expiresAtMs: third.expiresAtMs,
          lastActivityAtMs: third.createdAtMs,
        });
        expect(await sessions.listOpen(clientId, NOW, 2)).toHaveLength(2);
      });

      it("counts a client's open sessions, and the people who hold them", async () => {
        const jason = { id: "jason", name: "Jason", email: null, role: null };
        for (const user of [jason, jason, { ...jason, id: "marta" }]) {
          await sessions.create(aSession(clientId, { user }));
        }
        await sessions.create(aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW }));
        expect(await sessions.stats(clientId, NOW)).toEqual({ openSessions: 3, signedInUsers: 2 });
        expect(await sessions.stats(UNKNOWN_ID, NOW)).toEqual({ openSessions: 0, signedInUsers: 0 });
      });
    });

    describe("clean-up", () => {
      const expired = () => aSession(clientId, { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR });

      it("A8: deletes what has expired, in bites no larger than asked, and says how many", async () => {
        for (let count = 0; count < 5; count += 1) await sessions.create(expired());
        const live = await sessions.create(aSession(clientId));
        expect(await sessions.cleanup(2)).toBe(2);
        expect(await sessions.cleanup(2)).toBe(2);
        expect(await sessions.cleanup(2)).toBe(1);
        expect(await sessions.cleanup(2)).toBe(0);
        expect(await sessions.find(live.id)).toBeDefined();
      });

      it("A9: sweeps on a schedule's behalf", async () => {
        const { id } = await sessions.create(expired());
        expect(await sessions.sweep(100)).toEqual({ outcome: "swept", deleted: 1 });
        expect(await sessions.find(id)).toBeUndefined();
      });
    });
  });
}
