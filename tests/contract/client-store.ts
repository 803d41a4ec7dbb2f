import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_SETTINGS } from "../../app/lib/clients/settings";
import { aClient, aSession, NOW } from "../support/examples";
import type { StoresUnderTest } from "../support/stores";

/** What every client store promises: the comments of `app/lib/clients/client-store.ts`, as tests. */
export function describeClientStore(name: string, open: () => Promise<StoresUnderTest>) {
  describe(`client store: ${name}`, () => {
    let stores: StoresUnderTest;
    beforeAll(async () => {
      stores = await open();
    });
    beforeEach(() => stores.reset());
    afterAll(() => stores.close());

    it("A1: an install creates the client, with the installer's address as contact", async () => {
      const client = await stores.clients.install(
        aClient("old-oak", { contactEmail: "marta@old-oak.example" }),
      );
      expect(client).toMatchObject({
        tenantId: "old-oak",
        settings: { ...NO_SETTINGS, contactEmail: "marta@old-oak.example" },
      });
      expect(await stores.clients.findByTenant("old-oak")).toEqual(client);
      expect(await stores.clients.findById(client.id)).toEqual(client);
    });

    it("A1: a second install keeps the client, its settings and its sessions", async () => {
      const first = await stores.clients.install(aClient("old-oak"));
      const settings = { ...NO_SETTINGS, contactEmail: "us@old-oak.example", defaultTheme: "dark" as const };
      await stores.clients.changeSettings(first.id, { to: settings, shown: first.settings });
      const session = await stores.sessions.create(aSession(first.id));

      const second = await stores.clients.install(
        aClient("old-oak", { contactEmail: "other@old-oak.example" }),
      );
      expect(second).toEqual({ ...first, settings });
      expect(await stores.sessions.find(session.id)).toBeDefined();
    });

    it("A1: an install after an uninstall reactivates the same client", async () => {
      const first = await stores.clients.install(aClient("old-oak"));
      await stores.clients.uninstall("old-oak");
      expect(await stores.clients.install(aClient("old-oak"))).toMatchObject({
        id: first.id,
        tenantId: "old-oak",
      });
      expect(await stores.clients.findByTenant("old-oak")).toBeDefined();
    });

    it("A7: an uninstall ends every session of the client and of no other", async () => {
      const gone = await stores.clients.install(aClient("old-oak"));
      const stays = await stores.clients.install(aClient("bodega"));
      const ended = [
        await stores.sessions.create(aSession(gone.id)),
        await stores.sessions.create(aSession(gone.id)),
      ];
      const kept = await stores.sessions.create(aSession(stays.id));

      expect(await stores.clients.uninstall("old-oak")).toBe(2);
      for (const session of ended) expect(await stores.sessions.find(session.id)).toBeUndefined();
      expect(await stores.sessions.find(kept.id)).toBeDefined();
      expect(await stores.clients.findByTenant("old-oak")).toBeUndefined();
      expect(await stores.clients.findById(gone.id)).toBeUndefined();
    });

    it("A7: uninstalling twice, or an unknown tenant, ends nothing and is no fault", async () => {
      await stores.clients.install(aClient("old-oak"));
      await stores.clients.uninstall("old-oak");
      expect(await stores.clients.uninstall("old-oak")).toBe(0);
      expect(await stores.clients.uninstall("never-heard-of")).toBe(0);
    });

    it("A7: no sign-in that runs beside an uninstall survives it", async () => {
      for (let round = 0; round < 10; round += 1) {
        const { id } = await stores.clients.install(aClient("old-oak"));
        const signIns = Array.from({ length: 8 }, () =>
          stores.sessions.create(aSession(id)).catch(() => undefined),
        );
        await Promise.all([...signIns.slice(0, 4), stores.clients.uninstall("old-oak"), ...signIns.slice(4)]);
        expect(await stores.sessions.stats(id, NOW)).toEqual({ openSessions: 0, signedInUsers: 0 });
      }
    });

    const chosen = {
      contactEmail: null,
      defaultTheme: "light" as const,
      sessionMaxAgeSeconds: 900,
      sessionIdleTimeoutSeconds: 300,
      sessionRenewalLimitSeconds: 0,
      sessionMaxPerUser: 3,
      sessionAtLimit: "refuse-new" as const,
    };

    it("saves settings and shows them again", async () => {
      const { id, settings } = await stores.clients.install(aClient("old-oak"));
      const changed = await stores.clients.changeSettings(id, { to: chosen, shown: settings });
      expect(changed).toMatchObject({ id, settings: chosen });
      expect((await stores.clients.findById(id))?.settings).toEqual(chosen);
      expect((await stores.clients.changeSettings(id, { to: NO_SETTINGS, shown: chosen }))?.settings).toEqual(
        NO_SETTINGS,
      );
    });

    it("saves what changes, and leaves what another caller changed meanwhile", async () => {
      const { id, settings: shown } = await stores.clients.install(aClient("old-oak"));
      await stores.clients.changeSettings(id, { to: { defaultTheme: "dark" }, shown });
      const changed = await stores.clients.changeSettings(id, { to: { sessionMaxPerUser: 2 }, shown });
      expect(changed?.settings).toEqual({ ...shown, defaultTheme: "dark", sessionMaxPerUser: 2 });
      expect((await stores.clients.changeSettings(id, { to: {}, shown: {} }))?.settings).toEqual(
        changed?.settings,
      );
    });

    it("of two who change the same setting the second gets an error with its name and its value now; nothing of theirs is saved", async () => {
      const { id, settings: shown } = await stores.clients.install(aClient("old-oak"));
      await stores.clients.changeSettings(id, { to: { defaultTheme: "dark", sessionMaxPerUser: 2 }, shown });
      const change = {
        to: { defaultTheme: "light", sessionMaxPerUser: 3, contactEmail: "a@b.example" } as const,
        shown,
      };
      const current = { ...shown, defaultTheme: "dark", sessionMaxPerUser: 2 };
      await expect(stores.clients.changeSettings(id, change)).rejects.toMatchObject({
        name: "SettingsConflictError",
        keys: ["defaultTheme", "sessionMaxPerUser"],
        current,
      });
      expect((await stores.clients.findById(id))?.settings).toEqual(current);
    });

    it("two who change a setting to the same value are no conflict", async () => {
      const { id, settings: shown } = await stores.clients.install(aClient("old-oak"));
      const change = { to: { defaultTheme: "dark" as const }, shown };
      await stores.clients.changeSettings(id, change);
      expect((await stores.clients.changeSettings(id, change))?.settings.defaultTheme).toBe("dark");
    });

    it("of any number who change the same setting at once, one does", async () => {
      const { id, settings: shown } = await stores.clients.install(aClient("old-oak"));
      const changing = Array.from({ length: 8 }, (_, index) =>
        stores.clients.changeSettings(id, { to: { sessionMaxPerUser: index + 1 }, shown }),
      );
      const outcomes = await Promise.allSettled(changing);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    it("saves nothing for a client that is not installed", async () => {
      const { id, settings: shown } = await stores.clients.install(aClient("old-oak"));
      await stores.clients.uninstall("old-oak");
      expect(
        await stores.clients.changeSettings(id, { to: { defaultTheme: "dark" }, shown }),
      ).toBeUndefined();
      expect((await stores.clients.install(aClient("old-oak"))).settings.defaultTheme).toBeNull();
    });

    it("knows no client by an unknown tenant or id", async () => {
      expect(await stores.clients.findByTenant("nobody")).toBeUndefined();
      expect(await stores.clients.findById("00000000-0000-4000-8000-000000000000")).toBeUndefined();
    });
  });
}
