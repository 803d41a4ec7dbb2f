import { afterAll, beforeAll, describe } from "vitest";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Database } from "../../app/lib/db/database";
import { createRateLimits } from "../../app/lib/rate-limits/limits";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { hasPgbouncer } from "../support/pgbouncer";
import { openPooled } from "../support/pooled";
import { TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import type { TwoWires } from "../support/wires";
import { describeClientStore } from "./client-store";
import { describeRateLimits, LIMITS } from "./rate-limits";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";
import { describeShopifySessions } from "./shopify-sessions";
import { describeSignInLinks } from "./sign-in-links";
import { describeVault } from "./vault";

const NAME = "PostgreSQL behind a transaction pooler";

async function open(): Promise<StoresUnderTest> {
  const pooled = await openPooled();
  const options = { maxConnections: 4 };
  const [db, ...others] = [pooled.open(options), pooled.open(options), pooled.open(options)] as const;
  return { ...sqlStores(db, ...others), reset: pooled.reset, close: pooled.close };
}

async function openTwo(): Promise<TwoWires> {
  const pooled = await openPooled();
  const sql = async (statement: string) => (await pooled.sql.query(statement)).rows;
  return { dbs: [pooled.open(), pooled.open()], sql, close: pooled.close };
}

/** Nothing that is stored depends on the state of a connection: not the sessions, and nothing beside them. */
describe.skipIf(!hasPgbouncer)("with pgbouncer", () => {
  describeClientStore(NAME, open);
  describeSessionStore(NAME, open, { longInterleavings: 300 });
  describeRemixSessionStorage(NAME, open);

  let server: OAuthServer;
  beforeAll(async () => {
    server = await startOAuthServer();
  });
  afterAll(() => server.stop());
  describeVault(NAME, openTwo, () => server);

  const seal = createTokenSeal(TOKEN_KEYS);
  const over = (db: Database) => new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });
  describeShopifySessions(NAME, async () => {
    const { dbs, sql, close } = await openTwo();
    const reset = async () => void (await sql("truncate public.shopify_sessions"));
    return { storage: over(dbs[0]), other: over(dbs[1]), reset, close };
  });

  describeRateLimits(NAME, async () => {
    const { dbs, sql, close } = await openTwo();
    return {
      instance: () =>
        createRateLimits({
          redis: undefined,
          db: dbs[0],
          limits: LIMITS,
          prefix: "test",
          logger: silentLogger,
        }),
      expire: async () =>
        void (await sql("update public.rate_limits set expires_at = now() - interval '1 ms'")),
      kept: async () => JSON.stringify(await sql("select * from public.rate_limits")),
      close: async () => void (await close()),
    };
  });

  describeSignInLinks(NAME, async () => {
    const { dbs, sql, close } = await openTwo();
    return {
      store: createSqlSignInLinkStore(dbs[0]),
      sql,
      kept: async () =>
        (await sql("select to_jsonb(l)::text as row from public.sign_in_links l")).map(({ row }) => row),
      close: async () => void (await close()),
    };
  });
});
