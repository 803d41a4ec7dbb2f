import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault, type Vault } from "../../app/lib/vault/vault";
import { answering, gate, heldAfter, heldBefore, rewriting } from "../support/oauth-front";
import type { OAuthServer } from "../support/oauth-server";
import { silentLogger } from "../support/silent-logger";
import { moveTime, type Sql } from "../support/vault-time";
import { describeKeeping, VAULT_KEYS } from "./vault-keeping";

/** A database as two instances of the app reach it. */
export type VaultUnderTest = { dbs: [Database, Database]; sql: Sql; close(): Promise<unknown> };

/** What holds of the vault over whichever wire. */
export function describeVault(name: string, open: () => Promise<VaultUnderTest>, oauth: () => OAuthServer) {
  describe(`the vault over ${name}`, () => {
    let under: VaultUnderTest;
    let server: OAuthServer;
    let [here, there]: Vault[] = [];
    let tenant: string;
    beforeAll(async () => {
      [under, server] = [await open(), oauth()];
      const seal = () => createTokenSeal(VAULT_KEYS);
      [here, there] = under.dbs.map((db) => createVault({ db, seal, logger: silentLogger }));
    });
    afterAll(() => under.close());
    beforeEach(() => {
      tenant = `tenant-${randomUUID()}`;
      server.front.next();
    });

    const vaults = () => [here, there] as [Vault, Vault];
    const time = () => moveTime(under.sql, tenant);
    /** Keeps a new grant at a client of the server. */
    const connect = async (client: Parameters<OAuthServer["mint"]>[0] = "rotating") => {
      const minted = await server.mint(client);
      await vaults()[0].keep(tenant, server.provider(client), minted);
      return { minted, provider: server.provider(client) };
    };
    /** How many requests reach the token endpoint while this is done. */
    const requestsIn = async (work: () => Promise<unknown>) => {
      const before = server.front.requests();
      await work();
      return server.front.requests() - before;
    };

    it("what one instance keeps every instance opens, and the provider is not asked", async () => {
      const { minted, provider } = await connect();
      for (const vault of vaults()) {
        const requests = await requestsIn(async () => {
          expect(await vault.open(tenant, provider)).toEqual({
            accessToken: minted.access_token,
            tokenType: "Bearer",
            scope: "openid offline_access",
            expiresInMs: expect.closeTo(3_600_000, -4),
          });
        });
        expect(requests).toBe(0);
        expect(await vault.open(tenant, server.provider("lasting"))).toBeUndefined();
        expect(await vault.open(tenant, provider, { account: "another" })).toBeUndefined();
        expect(await vault.refresh("somebody-else", provider)).toBeUndefined();
      }
    });

    it("a tenant may have several accounts at one provider, each with its own tokens", async () => {
      const { minted, provider } = await connect();
      const second = await server.mint("rotating");
      await vaults()[0].keep(tenant, provider, second, { account: "second" });
      const [a, b] = [
        await vaults()[1].open(tenant, provider),
        await vaults()[1].open(tenant, provider, { account: "second" }),
      ];
      expect([a?.accessToken, b?.accessToken]).toEqual([minted.access_token, second.access_token]);
      // At the same time, too.
      const [c, d] = await Promise.all([
        vaults()[1].refresh(tenant, provider),
        vaults()[1].refresh(tenant, provider, { account: "second" }),
      ]);
      expect(new Set([a, b, c, d].map((token) => token?.accessToken)).size).toBe(4);
      expect(await vaults()[0].open(tenant, provider)).toMatchObject({ accessToken: c?.accessToken });
    });

    it("E11: 100 callers of a token about to expire, on two instances, cause one refresh and get its result", async () => {
      const { minted, provider } = await connect();
      await time().pass(3_590_000);
      const before = await server.counts();
      const callers = Array.from({ length: 100 }, (_, i) => vaults()[i % 2]?.open(tenant, provider));
      const tokens = new Set((await Promise.all(callers)).map((token) => token?.accessToken));
      expect(tokens.size).toBe(1);
      const [token] = tokens;
      expect(token).not.toBe(minted.access_token);
      expect(await server.accepts(token)).toBe(true);
      expect(await server.counts()).toEqual({ ...before, granted: before.granted + 1 });
    });

    it.each([["rotating"], ["lasting"], ["public"]] as const)(
      "refreshes again and again with what the last refresh brought: %s",
      async (client) => {
        const { provider } = await connect(client);
        for (const vault of [...vaults(), ...vaults()]) {
          await time().pass(3_590_000);
          const token = await vault.open(tenant, provider);
          expect(await server.accepts(token?.accessToken)).toBe(true);
          expect(token?.expiresInMs).toBeGreaterThan(3_500_000);
        }
      },
    );

    it("what the answer does not name stays: refresh token and scope (RFC 6749, 6)", async () => {
      const { minted, provider } = await connect("lasting");
      for (const vault of vaults()) {
        server.front.next(rewriting(({ access_token, token_type }) => ({ access_token, token_type })));
        const token = await vault.refresh(tenant, provider);
        expect(token).toMatchObject({ scope: minted.scope, expiresInMs: undefined });
        expect(await server.accepts(token?.accessToken)).toBe(true);
      }
    });

    it("a token of which nobody knows how long it lasts is used until it is reported as rejected, once", async () => {
      const provider = server.provider("rotating");
      const { expires_in: _, ...minted } = await server.mint("rotating");
      await vaults()[0].keep(tenant, provider, minted);
      await time().pass(10 * 365 * 86_400_000);
      const opened = await vaults()[1].open(tenant, provider);
      expect(opened).toMatchObject({ accessToken: minted.access_token, expiresInMs: undefined });

      const requests = await requestsIn(async () => {
        const rejected = minted.access_token;
        const reports = [...vaults(), ...vaults()].map((vault) =>
          vault.refresh(tenant, provider, { rejected }),
        );
        const [first, ...others] = await Promise.all(reports);
        // Whoever comes late with the old one is told the new one.
        others.push(await vaults()[1].refresh(tenant, provider, { rejected }));
        for (const other of others) expect(other?.accessToken).toBe(first?.accessToken);
        expect(first?.accessToken).not.toBe(rejected);
      });
      expect(requests).toBe(1);
    });

    it("a grant that was revoked asks to connect again, on every instance, and the provider is not asked in vain", async () => {
      const { minted, provider } = await connect();
      await server.revoke("rotating", minted.refresh_token);
      await time().pass(3_590_000);
      const over = {
        name: "GrantRevokedError",
        interrupted: false,
        message: expect.stringMatching("connect again"),
      };
      const requests = await requestsIn(async () => {
        const callers = Array.from({ length: 20 }, (_, i) => vaults()[i % 2]?.open(tenant, provider));
        for (const { status, reason } of (await Promise.allSettled(callers)) as PromiseRejectedResult[]) {
          expect({ status, reason }).toEqual({ status: "rejected", reason: expect.objectContaining(over) });
        }
        for (const vault of vaults()) {
          await expect(vault.refresh(tenant, provider)).rejects.toMatchObject(over);
        }
      });
      expect(requests).toBe(1);
      // R36: what opens nothing is not kept.
      expect(await under.sql(`select sealed from public.oauth_tokens where tenant = '${tenant}'`)).toEqual([
        { sealed: null },
      ]);

      const again = await connect();
      for (const vault of vaults()) {
        expect((await vault.open(tenant, provider))?.accessToken).toBe(again.minted.access_token);
      }
    });

    it("while the provider fails, a token that is still good is given out, and the provider left alone", async () => {
      const { minted, provider } = await connect();
      await time().pass(3_570_000);
      server.front.next(answering(503), answering(503));
      const requests = await requestsIn(async () => {
        const callers = Array.from({ length: 20 }, (_, i) => vaults()[i % 2]?.open(tenant, provider));
        for (const token of await Promise.all(callers)) expect(token?.accessToken).toBe(minted.access_token);
      });
      expect(requests).toBe(1);
      const failing = { name: "UnavailableError", message: expect.stringMatching("it answered 503") };
      for (const vault of vaults()) {
        await expect(vault.refresh(tenant, provider)).rejects.toMatchObject(failing);
      }

      await time().pass(30_000);
      const callers = () => Array.from({ length: 20 }, (_, i) => vaults()[i % 2]?.open(tenant, provider));
      const again = await requestsIn(async () => {
        const outcomes = (await Promise.allSettled(callers())) as PromiseRejectedResult[];
        for (const { reason } of outcomes) expect(reason).toMatchObject(failing);
      });
      expect(again).toBe(1);

      await time().pass(120_000);
      const tokens = new Set((await Promise.all(callers())).map((token) => token?.accessToken));
      expect(tokens.size).toBe(1);
      expect(await server.accepts([...tokens][0])).toBe(true);
    });

    it("a failed refresh is told to all who wait, and tried by none of them again", async () => {
      const { provider } = await connect();
      const door = gate();
      server.front.next(async (forward, socket) => {
        await heldBefore(door)(async () => ({ status: 0, headers: {}, body: "" }), socket);
        return answering(500)(forward, socket);
      });
      const requests = await requestsIn(async () => {
        const callers = Array.from({ length: 20 }, (_, i) => vaults()[i % 2]?.refresh(tenant, provider));
        const outcomes = Promise.allSettled(callers);
        await door.reached;
        door.open();
        const messages = new Set(
          ((await outcomes) as PromiseRejectedResult[]).map(({ reason }) => String(reason)),
        );
        expect([...messages]).toEqual([
          `UnavailableError: the tokens of ${tenant} at rotating are not refreshed: it answered 500`,
        ]);
      });
      expect(requests).toBe(1);
    });

    it("whoever had the lease and is gone holds up nobody when it has run out", async () => {
      const { provider } = await connect();
      const [row] = await under.dbs[0].call("find_oauth_tokens", keyOf(tenant));
      await under.dbs[0].call("begin_oauth_refresh", { ...keyOf(tenant), ...seen(row), p_lease_ms: 60_000 });
      const requests = await requestsIn(async () => {
        const before = server.front.requests();
        const waiting = Promise.all(vaults().map((vault) => vault.refresh(tenant, provider)));
        const looks = vi.spyOn(under.dbs[0], "call");
        await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(4));
        expect(server.front.requests()).toBe(before);
        await time().leaseRunsOut();
        const [a, b] = await waiting;
        expect(a?.accessToken).toBe(b?.accessToken);
        expect(await server.accepts(a?.accessToken)).toBe(true);
      });
      expect(requests).toBe(1);
    });

    it("what is forgotten, or kept anew, while it is refreshed is not brought back by it", async () => {
      for (const replace of [false, true]) {
        const { provider } = await connect();
        const door = gate();
        server.front.next(heldAfter(door));
        const [holder, waiter] = vaults().map((vault) => vault.refresh(tenant, provider));
        await door.reached;
        let expected: unknown;
        if (replace) expected = (await connect()).minted.access_token;
        else expect(await vaults()[1].forget(tenant)).toBe(1);
        door.open();
        expect((await holder)?.accessToken).toBe(expected);
        expect((await waiter)?.accessToken).toBe(expected);
        expect((await vaults()[1].open(tenant, provider))?.accessToken).toBe(expected);
      }
    });

    describeKeeping({
      vaults,
      connect,
      get under() {
        return under;
      },
      get server() {
        return server;
      },
      get tenant() {
        return tenant;
      },
    });
  });
}

const keyOf = (tenant: string) => ({ p_tenant: tenant, p_provider: "rotating", p_account: "default" });

const seen = (row: Record<string, unknown> = {}) => ({
  p_grant_id: row.grant_id as string,
  p_generation: row.generation as number,
  p_failures: row.failures as number,
});
