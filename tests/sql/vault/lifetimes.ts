import { describe, expect, it } from "vitest";
import { gate, heldAfter, rewriting } from "../../support/oauth-front";
import type { VaultWorld } from "./world";

/** How long tokens are good for. */
export function describeLifetimes(world: VaultWorld) {
  describe.each([
    ["no expires_in", {}, undefined],
    ["text", { expires_in: "3600" }, 3_600_000],
    ["0", { expires_in: 0 }, undefined],
    ["a negative number", { expires_in: -1 }, undefined],
    ["nonsense", { expires_in: "tomorrow" }, undefined],
    ["null", { expires_in: null }, undefined],
    ["more than there is time", { expires_in: 1e300 }, 3_650 * 86_400_000],
  ])("an answer whose lifetime is %s", (_name, changes, expiresInMs) => {
    it("is kept, with its refresh token", async () => {
      const { provider } = await world.connect();
      world.server.front.next(rewriting(({ expires_in: _, ...answer }) => ({ ...answer, ...changes })));
      const token = await world.here.refresh(world.tenant, provider);
      const expected = expiresInMs === undefined ? undefined : expect.closeTo(expiresInMs, -4);
      expect(token?.expiresInMs).toEqual(expected);
      expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(token?.accessToken);
      expect(
        await world.server.accepts((await world.there.refresh(world.tenant, provider))?.accessToken),
      ).toBe(true);
    });
  });

  it("a lifetime counts from when the provider was asked, not from when its answer was stored", async () => {
    const { provider } = await world.connect();
    const door = gate();
    world.server.front.next(heldAfter(door));
    const refreshing = world.here.refresh(world.tenant, provider);
    await door.reached;
    const askedAtMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 100));
    door.open();
    await refreshing;
    const lifetimeMs = 3_600_000;
    const [left] = await world.sql(
      "select extract(epoch from expires_at - clock_timestamp()) * 1000 as ms from public.oauth_tokens where tenant = $1",
      [world.tenant],
    );
    expect(Number(left?.ms)).toBeLessThanOrEqual(lifetimeMs - (performance.now() - askedAtMs) + 5);
  });

  it("tokens of short life are used for half of it, not refreshed at every request", async () => {
    const { provider } = await world.connect();
    world.server.front.next(rewriting((answer) => ({ ...answer, expires_in: 40 })));
    const token = await world.here.refresh(world.tenant, provider);
    const before = world.server.front.requests();
    expect((await world.here.open(world.tenant, provider))?.accessToken).toBe(token?.accessToken);
    await world.time().pass(19_000);
    expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(token?.accessToken);
    expect(world.server.front.requests()).toBe(before);
    await world.time().pass(2_000);
    expect((await world.there.open(world.tenant, provider))?.accessToken).not.toBe(token?.accessToken);
    expect(world.server.front.requests()).toBe(before + 1);
  });

  it("a caller who needs a token for longer gets one", async () => {
    const { minted, provider } = await world.connect();
    await world.time().pass(2_000_000);
    expect((await world.here.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
    const token = await world.here.open(world.tenant, provider, { minValidityMs: 1_700_000 });
    expect(token?.expiresInMs).toBeGreaterThan(1_700_000);
  });

  it("without a refresh token the access token is used to its end, and then, or when it is rejected, it is over", async () => {
    const provider = world.server.provider("lasting");
    for (const end of ["expired", "rejected"]) {
      const { refresh_token: _, ...minted } = await world.server.mint("lasting");
      await world.here.keep(world.tenant, provider, minted);
      await world.time().pass(3_599_000);
      expect((await world.here.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
      if (end === "expired") await world.time().pass(2_000);
      else
        await world.here
          .refresh(world.tenant, provider, { rejected: minted.access_token })
          .catch(() => undefined);
      const over = { name: "GrantRevokedError", message: expect.stringMatching("there is no refresh token") };
      await expect(world.here.open(world.tenant, provider)).rejects.toMatchObject(over);
      await expect(world.there.open(world.tenant, provider)).rejects.toMatchObject(over);
    }
  });
}
