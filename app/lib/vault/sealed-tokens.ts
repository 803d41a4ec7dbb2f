import { scalar } from "../db/calls";
import type { Database } from "../db/database";
import type { SealedStore } from "./rekey";
import { tokenContext } from "./token-table";

/** The vault's tokens, as `rekey` goes through them: one row a grant, in the order of the grants' ids. */
export function createSealedTokens(db: Database): SealedStore {
  return {
    kind: "OAuth grants",

    async keysInUse() {
      const rows = await db.call("count_oauth_token_keys", {}, { readOnly: true });
      return Object.fromEntries(rows.map(({ key_id, grants }) => [key_id, Number(grants)]));
    },

    async batch(keyId, after, limit) {
      const args = { p_key_id: keyId, p_after: after ?? null, p_limit: limit };
      const rows = await db.call("list_oauth_tokens_of_other_keys", args, { readOnly: true });
      return rows.map(({ grant_id, tenant, provider, account, sealed }) => ({
        key: grant_id,
        values: [{ sealed, context: tokenContext(tenant, provider, account) }],
      }));
    },

    async replace({ key, values }, [resealed = ""], keyId) {
      const args = { p_grant_id: key, p_from: values[0]?.sealed ?? "", p_to: resealed, p_key_id: keyId };
      return Boolean(await scalar(db, "reseal_oauth_tokens", args));
    },
  };
}
