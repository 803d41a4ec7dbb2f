import { type Rekeyed, rekeyAll } from "./vault/rekey";
import { commandWiring } from "./wiring.server";

/** DOOR: replacing the keys that seal tokens, for the operator. */

export type Rekeying = {
  dryRun: boolean;
  /** Of the first of TOKEN_ENCRYPTION_KEYS. */
  keyId: string;
  /** Whether the first key seals everything now, so that the others can go. */
  done: boolean;
  kinds: Rekeyed[];
};

/**
 * Seals with the first key what others sealed, beside everything that goes on. To be called within `operate`.
 * @throws ConfigurationError where there are no keys, UnavailableError
 */
export async function rekey({ dryRun }: { dryRun: boolean }): Promise<Rekeying> {
  const { tokenSeal, sealedStores } = commandWiring();
  const seal = tokenSeal();
  const kinds = await rekeyAll(seal, sealedStores, { dryRun });
  const done = kinds.every(({ keys }) => keys.every(({ keyId }) => keyId === seal.keyId));
  return { dryRun, keyId: seal.keyId, done, kinds };
}
