import { describe, expect, it, vi } from "vitest";
import type { Database } from "../../../app/lib/db/database";
import type { OAuthProvider } from "../../../app/lib/vault/grant";
import { createVault } from "../../../app/lib/vault/vault";
import { answering, cutAfter, gate, heldAfter, heldBefore } from "../../support/oauth-front";
import { SEAL, type VaultWorld } from "./world";

/** Refreshes that do not come to their end, or too late. */
export function describeCutOff(world: VaultWorld) {
  describe("a refresh that is cut off", () => {
    it("after the provider replaced the refresh token: said as it is, and the tenant connects again", async () => {
      const { provider } = await world.connect();
      world.server.front.next(cutAfter);
      await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
        name: "UnavailableError",
      });
      await world.time().pass(1_000);
      const over = {
        name: "GrantRevokedError",
        interrupted: true,
        message: expect.stringMatching("after a refresh that was cut off"),
      };
      await expect(world.there.refresh(world.tenant, provider)).rejects.toMatchObject(over);
      await expect(world.here.open(world.tenant, provider)).rejects.toMatchObject(over);
    });

    it.each([
      ["with a gateway's error", 502],
      ["as a page", 200],
    ])("so is one whose answer comes %s", async (_how, status) => {
      const { provider } = await world.connect();
      world.server.front.next(async (forward) => ({ ...(await forward()), status, body: "<h1>Sorry</h1>" }));
      await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
        name: "UnavailableError",
      });
      await world.time().pass(1_000);
      await expect(world.there.refresh(world.tenant, provider)).rejects.toMatchObject({ interrupted: true });
    });

    it("so is one whose answer comes too late", async () => {
      const { provider } = await world.connect();
      const door = gate();
      world.server.front.next(heldAfter(door));
      const hurried = { ...provider, timeoutMs: 150 };
      await expect(world.here.refresh(world.tenant, hurried)).rejects.toThrow("within 150 ms");
      await door.reached;
      await world.time().pass(1_000);
      await expect(world.there.refresh(world.tenant, provider)).rejects.toMatchObject({ interrupted: true });
    });

    it("where the provider keeps its refresh tokens, the next one succeeds", async () => {
      const { provider } = await world.connect("lasting");
      world.server.front.next(cutAfter);
      await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
        name: "UnavailableError",
      });
      await world.time().pass(1_000);
      expect(
        await world.server.accepts((await world.there.refresh(world.tenant, provider))?.accessToken),
      ).toBe(true);
    });

    it("a refusal before does not count as one", async () => {
      const { minted, provider } = await world.connect();
      world.server.front.next(answering(429), answering(400, { error: "try_tomorrow" }));
      for (const ms of [1_000, 2_000]) {
        await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
          name: "UnavailableError",
        });
        await world.time().pass(ms);
      }
      await world.server.revoke("rotating", minted.refresh_token);
      await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({ interrupted: false });
    });
  });

  describe("a holder whose lease ran out while its answer was on the way", () => {
    /** The holder stands at the door with its answer; `takeOver` goes on after it has lost its lease. */
    const overtaken = async (
      client: "rotating" | "lasting",
      takeOver: (provider: OAuthProvider) => Promise<unknown>,
    ) => {
      const { provider } = await world.connect(client);
      const door = gate();
      world.server.front.next(heldAfter(door));
      const holder = world.here.refresh(world.tenant, provider);
      holder.catch(() => undefined);
      await door.reached;
      await world.time().leaseRunsOut();
      const taken = await takeOver(provider);
      door.open();
      return { provider, taken, late: await holder };
    };

    it("overwrites nothing that is newer, and answers that", async () => {
      const { provider, taken, late } = await overtaken("lasting", (to) =>
        world.there.refresh(world.tenant, to),
      );
      expect(late?.accessToken).toBe((taken as { accessToken: string }).accessToken);
      expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(late?.accessToken);
      expect(world.log.lines("warn")).toEqual(["a refresh came after a later one, or too late"]);
      expect(await world.row()).toMatchObject({ generation: 2, lease: 2 });
    });

    it("brings what it has where the one that took over was refused for the old refresh token", async () => {
      const { provider, taken, late } = await overtaken("rotating", (to) =>
        world.there.refresh(world.tenant, to).catch((error) => error),
      );
      expect(taken).toMatchObject({ name: "GrantRevokedError", interrupted: true });
      expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(late?.accessToken);
      expect(await world.row()).toMatchObject({ generation: 1, revoked_at: null, interrupted: false });
    });

    it("does not end with its failure what another is at", async () => {
      const { provider } = await world.connect("lasting");
      const [first, second] = [gate(), gate()];
      world.server.front.next(async (forward, socket) => {
        await first.pass();
        return answering(400, { error: "invalid_grant" })(forward, socket);
      }, heldBefore(second));
      const holder = world.here.refresh(world.tenant, provider);
      await first.reached;
      await world.time().leaseRunsOut();
      const taking = world.there.refresh(world.tenant, provider);
      await second.reached;
      first.open();
      await vi.waitFor(() => expect(world.log.lines("warn")).toHaveLength(1));
      expect(await world.row()).toMatchObject({ revoked_at: null, lease: 2, leased_until: expect.any(Date) });
      second.open();
      expect((await holder)?.accessToken).toBe((await taking)?.accessToken);
    });

    it("asks nobody any more where the table gave it the lease too late", async () => {
      const { minted, provider } = await world.connect("rotating", { timeoutMs: 2_000 });
      let now = 0;
      const slow = {
        ...world.db,
        async call(...args: Parameters<Database["call"]>) {
          const answer = await world.db.call(...args);
          if (args[0] === "begin_oauth_refresh") now += 8_000;
          return answer;
        },
      };
      const before = world.server.front.requests();
      const late = createVault({ db: slow, seal: SEAL, logger: world.log.logger, monotonic: () => now });
      await expect(late.refresh(world.tenant, provider)).rejects.toThrow("there was no time left to ask");
      expect(world.server.front.requests()).toBe(before);
      expect((await world.here.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
    });
  });
}
