import "@shopify/shopify-api/adapters/node";
import { ApiVersion, LogSeverity, SESSION_COOKIE_NAME, shopifyApi } from "@shopify/shopify-api";
import { Cookies } from "@shopify/shopify-api/runtime";
import { PostgreSQLSessionStorage } from "@shopify/shopify-app-session-storage-postgresql";
import { cookieHeader } from "../browser";
import { SECRET } from "../libero";
import type { BenchDatabase } from "../servers";
import type { Contender, OpenContender } from "./contender";
import { Response, requestOf } from "./node-http";
import { LIFETIME_SECONDS, onDatabase } from "./people";

/** An app outside the admin's frame: the session's id comes in a cookie. Nothing is asked of Shopify. */
const openApi = () =>
  shopifyApi({
    apiKey: "bench",
    apiSecretKey: SECRET,
    apiVersion: ApiVersion.July26,
    hostName: "libero.test",
    isEmbeddedApp: false,
    logger: { level: LogSeverity.Error },
  });

/**
 * Shopify's library checks the cookie with the session's id, by a key that it derives from the API's secret each time, its storage
 * selects the row (not prepared; its own pool has ten connections), and the token has to be unexpired. No use of it is kept.
 */
export const shopifyByPg: OpenContender = (servers, sessionCount) =>
  onDatabase(servers, async (database) => {
    const shopify = openApi();
    const storage = new PostgreSQLSessionStorage(database.url);
    await storage.ready;
    const sessions = await seed(database, sessionCount);
    return {
      name: "Shopify's cookie and PostgreSQL storage",
      kind: "peer",
      sessions,
      async read(cookie) {
        const rawRequest = requestOf(cookie);
        const rawResponse = new Response(rawRequest);
        const id = await shopify.session.getCurrentId({ isOnline: false, rawRequest, rawResponse });
        const session = id ? await storage.loadSession(id) : undefined;
        return session?.isActive(undefined) ? session.shop : undefined;
      },
      close: () => storage.disconnect(),
    };
  });

/** Offline sessions, one for each shop, as after OAuth. */
async function seed({ sql }: BenchDatabase, count: number): Promise<Contender["sessions"]> {
  const shops = Array.from({ length: count }, (_, index) => `winery-${index}.myshopify.com`);
  await sql.query(
    `insert into shopify_sessions (id, shop, state, "isOnline", scope, expires, "accessToken")
     select 'offline_' || shop, shop, gen_random_uuid(), false, 'read_products,write_orders',
       extract(epoch from now())::int + $1::int, 'shpat_' || md5(shop)
     from unnest($2::text[]) as shop`,
    [LIFETIME_SECONDS, shops],
  );
  await sql.query("vacuum analyze shopify_sessions");
  return Promise.all(
    shops.map(async (shop) => ({ cookie: await cookieOf(`offline_${shop}`), userId: shop })),
  );
}

/** As the library sets it in its answer at the end of OAuth. */
async function cookieOf(id: string): Promise<string> {
  const cookies = new Cookies({ headers: {}, method: "GET", url: "/" } as never, { headers: {} } as never, {
    keys: [SECRET],
  });
  await cookies.setAndSign(SESSION_COOKIE_NAME, id);
  return cookieHeader(
    ...Object.values(cookies.outgoingCookieJar).map(({ name, value }) => `${name}=${value}`),
  );
}
