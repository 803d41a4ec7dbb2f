import { expect, it } from "vitest";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import type { OAuthProvider } from "../../app/lib/vault/grant";
import { rekeyAll, type SealedStore } from "../../app/lib/vault/rekey";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createSealedTokens } from "../../app/lib/vault/sealed-tokens";
import { createVault, type Vault } from "../../app/lib/vault/vault";
import { aClient } from "../support/examples";
import type { Minted, OAuthServer } from "../support/oauth-server";
import { silentLogger } from "../support/silent-logger";
import type { VaultUnderTest } from "./vault";

export const VAULT_KEYS = ["a key of more than thirty-two characters, for tokens"];
const NEW_KEY = "another key of more than thirty-two characters";

type KeepingWorld = {
  readonly under: VaultUnderTest;
  readonly server: OAuthServer;
  readonly tenant: string;
  vaults(): [Vault, Vault];
  connect(): Promise<{ minted: Minted; provider: OAuthProvider }>;
};

/** How long tokens are kept, and under which key. */
export function describeKeeping(world: KeepingWorld) {
  it("forgets one account, one provider, or all of a tenant, and says how many", async () => {
    const provider = world.server.provider("rotating");
    const [vault] = world.vaults();
    const minted = await world.server.mint("rotating");
    for (const account of ["a", "b", "c"]) await vault.keep(world.tenant, provider, minted, { account });
    await vault.keep(world.tenant, world.server.provider("lasting"), minted);
    await vault.keep(`${world.tenant}-other`, provider, minted);
    expect(await vault.forget(world.tenant, { provider, account: "a" })).toBe(1);
    expect(await vault.forget(world.tenant, { provider })).toBe(2);
    expect(await vault.open(world.tenant, provider, { account: "c" })).toBeUndefined();
    expect(await vault.forget(world.tenant)).toBe(1);
    expect(await vault.forget(world.tenant)).toBe(0);
    expect(await vault.open(`${world.tenant}-other`, provider)).toMatchObject({
      accessToken: minted.access_token,
    });
  });

  it("A7: an uninstall forgets the client's tokens, and none are kept for it until it is installed again", async () => {
    const clients = createSqlClientStore(world.under.dbs[1]);
    await clients.install(aClient(world.tenant));
    const { provider } = await world.connect();
    expect(await world.vaults()[0].open(world.tenant, provider)).toBeDefined();
    await clients.uninstall(world.tenant);
    expect(await world.vaults()[0].open(world.tenant, provider)).toBeUndefined();
    await expect(world.connect()).rejects.toMatchObject({ name: "ClientNotInstalledError" });
    expect(await world.vaults()[0].open(world.tenant, provider)).toBeUndefined();
    await clients.install(aClient(world.tenant));
    await world.connect();
    // Commerce7 may send an install twice.
    await clients.install(aClient(world.tenant));
    expect(await world.vaults()[0].open(world.tenant, provider)).toBeDefined();
  });

  it("R33: rekey seals every grant's tokens with the first key, beside whoever uses them, and nobody notices", async () => {
    await world.under.sql("truncate public.oauth_tokens");
    const { minted, provider } = await world.connect();
    const refreshed = await world.vaults()[0].refresh(world.tenant, provider);
    const grants = 204;
    await world.under.sql(`
        insert into public.oauth_tokens (tenant, provider, account, sealed, key_id, obtained_at)
        select tenant, provider, 'broken ' || i, sealed, key_id, now() from public.oauth_tokens, generate_series(1, ${grants}) i
      `);
    await world.vaults()[0].keep(world.tenant, provider, minted, { account: "overtaken" });
    await world.vaults()[0].keep(world.tenant, provider, minted, { account: "forgotten" });

    const store = createSealedTokens(world.under.dbs[1]);
    const [oldKey, newKey] = [createTokenSeal(VAULT_KEYS), createTokenSeal([NEW_KEY, ...VAULT_KEYS])];
    const dry = await rekeyAll(newKey, [store], { dryRun: true });
    expect(dry).toMatchObject([
      { resealed: 3, broken: grants, keys: [{ keyId: oldKey.keyId, rows: grants + 3 }] },
    ]);
    await world.under.sql("delete from public.oauth_tokens where account like 'broken%'");

    let meanwhile = async () => {
      meanwhile = async () => {};
      await world.vaults()[1].keep(world.tenant, provider, minted, { account: "overtaken" });
      await world.vaults()[1].forget(world.tenant, { provider, account: "forgotten" });
    };
    const raced: SealedStore = {
      ...store,
      replace: async (...row) => {
        await meanwhile();
        return store.replace(...row);
      },
    };
    const [report] = await rekeyAll(newKey, [raced]);
    expect(report).toMatchObject({
      ...{ kind: "OAuth grants", resealed: 1, overtaken: 2, broken: 0, keyMissing: 0 },
    });
    expect(await store.keysInUse()).toEqual({ [newKey.keyId]: 1, [oldKey.keyId]: 1 });
    expect(await rekeyAll(newKey, [store])).toMatchObject([{ resealed: 1, overtaken: 0 }]);

    const after = createVault({
      db: world.under.dbs[0],
      seal: () => createTokenSeal([NEW_KEY]),
      logger: silentLogger,
    });
    expect((await after.open(world.tenant, provider))?.accessToken).toBe(refreshed?.accessToken);
    expect(await world.server.accepts((await after.refresh(world.tenant, provider))?.accessToken)).toBe(true);
  });
}
