import { createSealedShopifySessions } from "../adapters/shopify-sealed-sessions";
import { LiberoShopifySessionStorage } from "../adapters/shopify-session-storage";
import type { Env } from "../env.server";
import { createTokenSeal, type TokenSeal } from "../vault/seal";
import { createSealedTokens } from "../vault/sealed-tokens";
import { createVault } from "../vault/vault";
import type { Rooms } from "./stores";

/** What keeps the tokens of other platforms. */
export function openSealed({ tokenEncryptionKeys }: Env, rooms: Pick<Rooms, "db" | "logger">) {
  let seal: TokenSeal | undefined;
  const tokenSeal = () => {
    seal ??= createTokenSeal(tokenEncryptionKeys);
    return seal;
  };
  return {
    /** Made when it is first asked for: only who keeps tokens needs keys. @throws ConfigurationError where there are none */
    tokenSeal,
    vault: createVault({ ...rooms, seal: tokenSeal }),
    /** @throws ConfigurationError as `tokenSeal` */
    shopifySessions: () => new LiberoShopifySessionStorage({ ...rooms, seal: tokenSeal() }),
    /** Every table with sealed values, for `rekey`. */
    sealedStores: [createSealedTokens(rooms.db), createSealedShopifySessions(rooms.db)],
  };
}
