import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Client, ClientStore } from "../../app/lib/clients/client-store";
import type { StaffDirectory, VerifiedStaff } from "../../app/lib/staff/staff-directory";
import { aClient, HOUR } from "../support/examples";
import { sqlStores } from "../support/stores";
import type { TwoInstances } from "../support/two-instances";

const YEAR = 365 * 24 * HOUR;
const EMAIL = "jason@example.com";

/** What every driver promises: the comments of `app/lib/staff/staff-directory.ts`, as tests. */
export function describeStaffDirectory(name: string, open: () => TwoInstances) {
  describe(`staff directory: ${name}`, () => {
    let instances: TwoInstances;
    let clients: ClientStore;
    let staff: StaffDirectory;
    let client: Client;
    beforeAll(() => {
      instances = open();
      ({ clients, staff } = sqlStores(instances.dbs[0]));
    });
    beforeEach(async () => {
      await instances.sql("truncate public.clients cascade");
      client = await clients.install(aClient("old-oak"));
    });

    const remember = async (changes: Partial<VerifiedStaff> = {}) =>
      staff.remember({
        ...{ clientId: client.id, userId: "user-1", name: "Jason Andres", email: EMAIL, role: "Admin Owner" },
        verifiedAtMs: client.installedAtMs,
        ...changes,
      });
    const find = (email = EMAIL, sinceMs = client.installedAtMs - HOUR) => staff.findByEmail(email, sinceMs);
    const kept = () => instances.sql("select user_id, email from public.staff_members order by 1");
    const reinstall = async () => {
      await clients.uninstall("old-oak");
      // Where the clock did not move on between the two, as it may not within a test.
      await instances.sql("update public.staff_members set verified_at = verified_at - interval '1 second'");
      client = await clients.install(aClient("old-oak"));
    };

    it("finds by the address for whom Commerce7 vouched, from the moment of the install on", async () => {
      await remember();
      expect(await find()).toEqual([
        {
          ...{ clientId: client.id, tenantId: "old-oak", userId: "user-1", name: "Jason Andres" },
          ...{ email: EMAIL, role: "Admin Owner" },
        },
      ]);
      expect(await find("nobody@example.com")).toEqual([]);
    });

    it("whatever the case of the letters from A to Z, and no letter that only looks like one", async () => {
      await remember({ email: "Kim.Öz@Example.com" });
      expect(await find("kIM.Öz@eXAMPLE.COM")).toMatchObject([{ email: "Kim.Öz@Example.com" }]);
      // The Kelvin sign and its like: lower case makes a k of it, and a mail to it goes elsewhere.
      expect(await find("\u212Aim.Öz@example.com")).toEqual([]);
      expect(await find("kim.öz@example.com")).toEqual([]);
    });

    it.each(["kim%@example.com", "kim_z@example.com", "", "\0jason@example.com", "\uD800"])(
      "an address is no pattern, and none that cannot be kept is anybody's: %j",
      async (email) => {
        await remember();
        expect(await find(email)).toEqual([]);
      },
    );

    it("only those for whom Commerce7 vouched since then", async () => {
      const verifiedAtMs = client.installedAtMs + HOUR;
      await remember({ verifiedAtMs });
      expect(await find(EMAIL, verifiedAtMs)).toHaveLength(1);
      expect(await find(EMAIL, verifiedAtMs + 1)).toEqual([]);
    });

    it("a later answer of Commerce7 takes the place of an earlier one: the old address finds nobody", async () => {
      await remember();
      await remember({
        email: "j@new.example",
        name: "J",
        role: null,
        verifiedAtMs: client.installedAtMs + 1,
      });
      expect(await find()).toEqual([]);
      expect(await find("j@new.example")).toMatchObject([{ userId: "user-1", name: "J", role: null }]);
      expect(await kept()).toEqual([{ user_id: "user-1", email: "j@new.example" }]);
    });

    it("an answer that tells no role leaves the one that is known; a first one has none", async () => {
      await remember();
      await remember({ role: undefined, verifiedAtMs: client.installedAtMs + 1 });
      await remember({ userId: "user-2", email: "two@new.example", role: undefined });
      expect(await find()).toMatchObject([{ userId: "user-1", role: "Admin Owner" }]);
      expect(await find("two@new.example")).toMatchObject([{ userId: "user-2", role: null }]);
    });

    it("an earlier answer that comes late changes nothing", async () => {
      await remember({ verifiedAtMs: client.installedAtMs + HOUR });
      await remember({ email: "old@example.com" });
      await remember({ email: null });
      expect(await find(EMAIL, client.installedAtMs + HOUR)).toHaveLength(1);
      expect(await find("old@example.com")).toEqual([]);
    });

    it("whoever has no address is not kept, and no longer where they had one", async () => {
      await remember({ email: null });
      expect(await kept()).toEqual([]);
      await remember();
      await remember({ userId: "user-2", email: "other@example.com" });
      await remember({ email: null });
      expect(await kept()).toEqual([{ user_id: "user-2", email: "other@example.com" }]);
    });

    it("at every client where they work, the one they came to last first", async () => {
      const bodega = await clients.install(aClient("bodega"));
      const clos = await clients.install(aClient("clos"));
      await remember({ verifiedAtMs: clos.installedAtMs + 2 });
      await remember({ clientId: bodega.id, userId: "user-9", verifiedAtMs: clos.installedAtMs + 3 });
      await remember({ clientId: clos.id, verifiedAtMs: clos.installedAtMs + 1 });
      const tenants = async () => (await find()).map(({ tenantId }) => tenantId);
      expect(await tenants()).toEqual(["bodega", "old-oak", "clos"]);
      await clients.uninstall("old-oak");
      expect(await tenants()).toEqual(["bodega", "clos"]);
    });

    it("of two accounts with one address at one client the one that came last", async () => {
      await remember({ userId: "gone", verifiedAtMs: client.installedAtMs + 1 });
      await remember({ userId: "new", verifiedAtMs: client.installedAtMs + 2 });
      await remember({ userId: "between", verifiedAtMs: client.installedAtMs + 1 });
      expect((await find()).map(({ userId }) => userId)).toEqual(["new"]);
    });

    it("A7: an uninstall hides them, and another install alone does not bring them back", async () => {
      await remember();
      await remember({ userId: "user-2", email: "ana@example.com" });
      await reinstall();
      expect([await find(), await find("ana@example.com")]).toEqual([[], []]);
      await remember();
      expect([await find(), await find("ana@example.com")]).toMatchObject([[{ userId: "user-1" }], []]);
    });

    it("nobody of a client that is not installed, or not known, is kept; and it is no fault", async () => {
      await clients.uninstall("old-oak");
      await remember();
      await remember({ clientId: "00000000-0000-4000-8000-000000000000" });
      expect(await kept()).toEqual([]);
    });

    it("R36: who was not vouched for in a year goes, a few at a time; a deleted client takes its staff along", async () => {
      await remember({ userId: "nearly", verifiedAtMs: Date.now() - YEAR + 48 * HOUR });
      for (let i = 0; i < 12; i++) await remember({ userId: `old-${i}` });
      await instances.sql(
        "update public.staff_members set verified_at = now() - interval '366 days' where user_id ~ 'old'",
      );
      await remember();
      expect(await kept()).toHaveLength(4);
      await remember();
      expect((await kept()).map(({ user_id }) => user_id)).toEqual(["nearly", "user-1"]);
      await instances.sql("delete from public.clients");
      expect(await kept()).toEqual([]);
    });

    it("twenty sign-ins of one person at once are one entry, the latest", async () => {
      const answers = Array.from({ length: 20 }, (_, i) => ({
        email: `jason+${i}@example.com`,
        verifiedAtMs: client.installedAtMs + ((i * 7) % 20),
      }));
      await Promise.all(answers.map(remember));
      const last = answers.find(({ verifiedAtMs }) => verifiedAtMs === client.installedAtMs + 19);
      expect(await kept()).toEqual([{ user_id: "user-1", email: last?.email }]);
    });
  });
}
