import type { Vault } from "./vault/vault";
import { wiring } from "./wiring.server";

export { GrantRevokedError } from "./vault/errors";
export type { OAuthProvider } from "./vault/grant";

/**
 * DOOR: OAuth tokens for any platform, by tenant and provider. What each does, and throws, is written at the methods of
 * `Vault` in `app/lib/vault/vault.ts`, of which these are the app's own.
 */
/** Keeps a new grant: the token endpoint's answer, as it came. */
export const keepTokens: Vault["keep"] = async (...grant) => wiring().vault.keep(...grant);

/** A token to call the provider with, refreshed first where it is about to expire; undefined where nothing is kept. */
export const openToken: Vault["open"] = async (...grant) => wiring().vault.open(...grant);

/** Another token than the one that the provider answered 401 to. */
export const refreshToken: Vault["refresh"] = async (...grant) => wiring().vault.refresh(...grant);

/** Deletes a tenant's tokens; an uninstall does so by itself. */
export const forgetTokens: Vault["forget"] = async (...grant) => wiring().vault.forget(...grant);
