import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Database } from "../../app/lib/db/database";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import { WIRES } from "../support/wires";
import { describeShopifySessions } from "./shopify-sessions";

const seal = createTokenSeal(TOKEN_KEYS);
const over = (db: Database) => new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });

for (const [name, open] of Object.entries(WIRES)) {
  describeShopifySessions(name, async () => {
    const { dbs, sql, close } = await open();
    const reset = async () => void (await sql("truncate public.shopify_sessions"));
    return { storage: over(dbs[0]), other: over(dbs[1]), reset, close };
  });
}
