import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { wiring } from "./wiring.server";

/** DOOR: where an app for Shopify keeps its sessions; see docs/adapters/shopify-session-storage.md. */

/**
 * For `shopifyApp({ sessionStorage: shopifySessionStorage() })`. Connects at the first call that needs the database.
 * @throws ConfigurationError in production without TOKEN_ENCRYPTION_KEYS
 */
export const shopifySessionStorage = (): SessionStorage => wiring().shopifySessions();
