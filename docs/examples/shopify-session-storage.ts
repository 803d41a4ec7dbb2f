import { Session } from "@shopify/shopify-api";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { createLogger } from "../../app/lib/base/logger";
import { openPgliteInMemory } from "../../app/lib/db/pglite";
import { createTokenSeal } from "../../app/lib/vault/seal";

// The embedded database; an app gets all of this from `shopifySessionStorage()` in app/lib/shopify-sessions.server.ts.
const logger = createLogger("warn");
const db = openPgliteInMemory({ migrationsFolder: "supabase/migrations", logger });
await db.migrate();
const seal = createTokenSeal([
  "a new key of at least 32 characters",
  "the old key of at least 32 characters",
]);
const storage = new LiberoShopifySessionStorage({ db, seal, logger });

const shop = "old-oak.myshopify.com";
await storage.storeSession(
  new Session({ id: `offline_${shop}`, shop, state: "", isOnline: false, accessToken: "shpat_secret" }),
);
console.log((await storage.loadSession(`offline_${shop}`))?.accessToken);

// What a thief of the table would have.
const [row] = await db.call("find_shopify_session", { p_id: `offline_${shop}` });
console.log(row?.access_token.startsWith("ey"), JSON.stringify(row).includes("shpat_secret"));

// When a shop uninstalls the app, or Shopify asks for its data to be redacted.
const sessions = await storage.findSessionsByShop(shop);
await storage.deleteSessions(sessions.map(({ id }) => id));
console.log(sessions.length, await storage.findSessionsByShop(shop));

await db.close();
