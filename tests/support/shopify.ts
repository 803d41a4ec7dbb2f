import { randomBytes, randomUUID } from "node:crypto";
import { Session } from "@shopify/shopify-api";

export const TOKEN_KEYS = [
  "the first key of tests; longer than thirty-two characters",
  "the second key of tests; longer than thirty-two characters",
] as const;

export const aShop = () => `shop-${randomBytes(4).toString("hex")}.myshopify.com`;
const aToken = (prefix: string) => `${prefix}_${randomBytes(16).toString("hex")}`;

type Params = ConstructorParameters<typeof Session>[0];

/** As Shopify's library makes it after OAuth, for background work: one for each shop, with a token that can be refreshed. */
export function anOfflineSession(shop = aShop(), changes: Partial<Params> = {}): Session {
  return new Session({
    id: `offline_${shop}`,
    shop,
    state: randomUUID(),
    isOnline: false,
    scope: "read_products,write_orders",
    accessToken: aToken("shpat"),
    expires: new Date(Date.now() + 3_600_123),
    refreshToken: aToken("shprt"),
    refreshTokenExpires: new Date(Date.now() + 7_776_000_456),
    ...changes,
  });
}

/** … and for one person who opened the app there. */
export function anOnlineSession(
  shop = aShop(),
  userId = 902_541_635,
  changes: Partial<Params> = {},
): Session {
  return new Session({
    id: `${shop}_${userId}`,
    shop,
    state: randomUUID(),
    isOnline: true,
    scope: "read_products",
    accessToken: aToken("shpua"),
    expires: new Date(Date.now() + 86_399_007),
    onlineAccessInfo: {
      expires_in: 86_399,
      associated_user_scope: "read_products",
      associated_user: {
        id: userId,
        first_name: "Zoë",
        last_name: "O'Grüner 🍇",
        email: "zoe@old-oak.example",
        email_verified: true,
        account_owner: false,
        locale: "de",
        collaborator: false,
      },
    },
    ...changes,
  });
}
