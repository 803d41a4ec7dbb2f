import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Json } from "../../../app/lib/base/json";
import type { VaultWorld } from "./world";

type Key = { p_tenant: string; p_provider: string; p_account: string };

/** What the database's functions hold by themselves, whatever an instance believes. */
export function describeLeases(world: VaultWorld) {
  describe("the lease", () => {
    let key: Key;
    beforeEach(async () => {
      await world.connect();
      key = { p_tenant: world.tenant, p_provider: "rotating", p_account: "default" };
    });
    const scalar = async (name: string, args: Record<string, Json>) =>
      (await world.db.call(name, { ...key, ...args }))[0]?.[name];
    const grant = async () => ({ p_grant_id: (await world.row())?.grant_id as string });
    const begin = async (seen: Record<string, Json> = {}) =>
      scalar("begin_oauth_refresh", {
        ...(await grant()),
        ...{ p_generation: 0, p_failures: 0, p_lease_ms: 60_000, ...seen },
      });
    const complete = async (p_lease: number, changes: Record<string, Json> = {}) =>
      scalar("complete_oauth_refresh", {
        ...(await grant()),
        ...{
          p_lease,
          p_sealed: `sealed by ${p_lease}`,
          p_key_id: "key",
          p_expires_in_seconds: 60,
          p_asked_ms_ago: 0,
        },
        ...changes,
      });
    const fail = async (p_lease: number, changes: Record<string, Json> = {}) =>
      scalar("fail_oauth_refresh", {
        ...(await grant()),
        ...{ p_generation: 0, p_lease, p_failure: "500", p_misconfigured: false, p_unanswered: false },
        ...{ p_retry_ms: 60_000, ...changes },
      });
    const ANOTHER = "00000000-0000-4000-8000-000000000000";

    it("is given to one of many who ask at once", async () => {
      const found = await grant();
      const ask = (i: number) =>
        (i % 2 ? world.db : world.otherDb).call("begin_oauth_refresh", {
          ...{ ...key, ...found, p_generation: 0, p_failures: 0, p_lease_ms: 60_000 },
        });
      const leases = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)));
      expect(leases.map(([lease]) => lease?.begin_oauth_refresh).filter(Boolean)).toEqual([1]);
    });

    it.each([
      ["p_grant_id", ANOTHER],
      ["p_generation", 1],
      ["p_failures", 1],
    ])("is refused to who saw something else: %s", async (name, value) => {
      expect(await begin({ [name]: value })).toBeNull();
      expect(await begin()).toBe(1);
    });

    it("is refused while another holds, until the time to try again, and once the grant is revoked", async () => {
      expect(await begin()).toBe(1);
      expect(await begin()).toBeNull();
      expect(await fail(1)).toBe(true);
      expect(await begin({ p_failures: 1 })).toBeNull();
      await world.time().pass(60_000);
      expect(await begin({ p_failures: 1 })).toBe(2);
      expect(await fail(2, { p_retry_ms: null })).toBe(true);
      expect(await begin({ p_failures: 2 })).toBeNull();
      expect(await world.row()).toMatchObject({ lease: 2, sealed: null, key_id: null, leased_until: null });
    });

    it("a failure is noted once, by its present holder, and for the tokens that it was tried with", async () => {
      await begin();
      await world.time().leaseRunsOut();
      expect(await begin()).toBe(2);
      expect(await fail(1)).toBe(false);
      expect(await fail(2, { p_grant_id: ANOTHER })).toBe(false);
      expect(await complete(1)).toBe(true);
      // The first one's result, which came late, is what there is now.
      await world.sql("update public.oauth_tokens set leased_until = now() where tenant = $1", [
        world.tenant,
      ]);
      expect(await fail(2, { p_retry_ms: null })).toBe(false);
      expect(await fail(2, { p_generation: 1 })).toBe(true);
      expect(await fail(2, { p_generation: 1 })).toBe(false);
      expect(await world.row()).toMatchObject({ failures: 1, sealed: "sealed by 1", interrupted: false });
    });

    it("a result is stored over that of a lesser lease alone, for the same grant, and ends every failure", async () => {
      await begin();
      await world.time().leaseRunsOut();
      await begin();
      await fail(2, { p_misconfigured: true });
      expect(await complete(1, { p_grant_id: ANOTHER })).toBe(false);
      expect(await complete(1)).toBe(true);
      const healthy = {
        ...{ failures: 0, failure: null, misconfigured: false, retry_at: null, revoked_at: null },
        ...{ leased_until: null, interrupted: false },
      };
      expect(await world.row()).toMatchObject({ ...healthy, generation: 1, sealed: "sealed by 1" });
      expect(await complete(2)).toBe(true);
      expect(await complete(2)).toBe(false);
      expect(await complete(1)).toBe(false);
      expect(await world.row()).toMatchObject({ ...healthy, generation: 2, sealed: "sealed by 2" });
    });

    it("a new grant begins anew, whatever became of the one before", async () => {
      const { minted, provider } = await world.connect();
      const before = await world.row();
      await begin();
      await world.time().leaseRunsOut();
      await begin();
      await fail(2, { p_retry_ms: null, p_unanswered: true });
      await begin();
      await world.here.keep(world.tenant, provider, minted);
      const { grant_id, sealed, obtained_at, expires_at, ...fresh } = before ?? {};
      const after = await world.row();
      expect(after).toMatchObject(fresh);
      expect(after?.grant_id).not.toBe(grant_id);
    });
  });

  it("A7: tokens that are kept while an uninstall is under way do not stay behind", async () => {
    const { minted, provider } = await world.connect();
    await world.sql("select public.install_client($1, '{}', null)", [world.tenant]);
    await world.sql("begin");
    await world.sql("select public.uninstall_client($1)", [world.tenant]);
    const keeping = world.here.keep(world.tenant, provider, minted, { account: "late" });
    keeping.catch(() => undefined);
    const waiting = () => world.sql("select from pg_locks where not granted");
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1)).finally(() => world.sql("commit"));
    await expect(keeping).rejects.toMatchObject({ name: "ClientNotInstalledError" });
    expect(await world.row()).toBeUndefined();
  });
}
