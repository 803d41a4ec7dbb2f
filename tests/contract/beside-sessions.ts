import { afterAll, beforeAll, describe } from "vitest";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Clock } from "../../app/lib/base/clock";
import type { Database } from "../../app/lib/db/database";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { createRateLimits } from "../../app/lib/rate-limits/limits";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";
import { createTokenSeal } from "../../app/lib/vault/seal";
import type { HttpStores } from "../support/http-stores";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import type { TwoInstances } from "../support/two-instances";
import { describeExpressSession } from "./express-session";
import { describeHttpSessions } from "./http-sessions";
import { describeRateLimits, LIMITS } from "./rate-limits";
import { describeShopifyRekey } from "./shopify-rekey";
import { describeShopifySessions } from "./shopify-sessions";
import { describeSignInLinks } from "./sign-in-links";
import { describeStaffDirectory } from "./staff-directory";
import { describeVault } from "./vault";

const close = async () => {};

/** Everything that a database keeps beside the app's sessions, over one way to reach it. */
export function describeBesideSessions(name: string, open: () => Promise<TwoInstances>) {
  describe(`beside sessions, over ${name}`, () => {
    let instances: TwoInstances;
    let server: OAuthServer;
    beforeAll(async () => {
      [instances, server] = await Promise.all([open(), startOAuthServer()]);
    });
    afterAll(async () => {
      await server?.stop();
      await instances?.close();
    });

    const openHttpSessions = async (clock?: Clock): Promise<HttpStores> => {
      const openOne = (db: Database) => createSqlHttpSessionStore({ db, clock });
      return { instances: [openOne(instances.dbs[0]), openOne(instances.dbs[1])], close };
    };
    describeHttpSessions(name, openHttpSessions);
    describeExpressSession(name, openHttpSessions);

    describeVault(
      name,
      async () => ({ ...instances, close }),
      () => server,
    );

    const seal = createTokenSeal(TOKEN_KEYS);
    const storage = (db: Database) => new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });
    describeShopifySessions(name, async () => {
      const reset = async () => void (await instances.sql("truncate public.shopify_sessions"));
      return { storage: storage(instances.dbs[0]), other: storage(instances.dbs[1]), reset, close };
    });
    describeShopifyRekey(name, () => instances);

    describeRateLimits(name, async () => ({
      instance: () =>
        createRateLimits({
          redis: undefined,
          db: instances.dbs[0],
          limits: LIMITS,
          prefix: "test",
          logger: silentLogger,
        }),
      expire: async () =>
        void (await instances.sql("update public.rate_limits set expires_at = now() - interval '1 ms'")),
      kept: async () => JSON.stringify(await instances.sql("select * from public.rate_limits")),
      close,
    }));

    describeSignInLinks(name, async () => ({
      store: createSqlSignInLinkStore(instances.dbs[0]),
      sql: (statement) => instances.sql(statement),
      kept: async () =>
        (await instances.sql("select to_jsonb(l)::text as row from public.sign_in_links l")).map(
          ({ row }) => row as string,
        ),
      close,
    }));

    describeStaffDirectory(name, () => instances);
  });
}
