import "@shopify/shopify-api/adapters/node";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ApiVersion, LogSeverity, RequestedTokenType, type Session, shopifyApi } from "@shopify/shopify-api";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { ConfigurationError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { readEnv } from "../../app/lib/env.server";
import { shopifySessionStorage } from "../../app/lib/shopify-sessions.server";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { wire, wiring } from "../../app/lib/wiring.server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { anOfflineSession, anOnlineSession, TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";

const [OLD, NEW] = TOKEN_KEYS;

/** Answers as Shopify's `/admin/oauth/access_token` does. */
async function startTokenServer() {
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request));
    const user = { id: 902541635, first_name: "Zoë", email: "zoe@old-oak.example", email_verified: true };
    const person = { expires_in: 86_399, associated_user_scope: "read_products", associated_user: user };
    const shop = { expires_in: 3_600, refresh_token: "shprt_1", refresh_token_expires_in: 7_776_000 };
    const isOnline = asked.requested_token_type === RequestedTokenType.OnlineAccessToken;
    const access_token = asked.refresh_token ? `shpat_after_${asked.refresh_token}` : "shpat_exchanged";
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ access_token, scope: "read_products", ...(isOnline ? person : shop) }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await once(server.close(), "close");
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

it("docs/examples/shopify-session-storage.ts runs, and shows what its page says", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("../../docs/examples/shopify-session-storage");
  const printed = [...log.mock.calls];
  log.mockClear();
  expect(printed).toEqual([["shpat_secret"], [true, false], [1, []]]);
});

describe("an app for Shopify on this store", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openPostgres({ url: database.url, migrationsFolder: "supabase/migrations", logger: silentLogger });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });
  const storageWith = (...keys: string[]) =>
    new LiberoShopifySessionStorage({ db, seal: createTokenSeal(keys), logger: silentLogger });

  const shopify = shopifyApi({
    apiKey: "api-key",
    apiSecretKey: "api-secret-key",
    apiVersion: ApiVersion.July26,
    hostName: "app.old-oak.example",
    isEmbeddedApp: true,
    scopes: ["read_products"],
    logger: { level: LogSeverity.Error },
  });
  const shop = "old-oak.myshopify.com";

  /** As App Bridge sends it with each request. */
  function sessionToken(): string {
    const now = Math.floor(Date.now() / 1000);
    const dest = `https://${shop}`;
    const claims = {
      iss: `${dest}/admin`,
      dest,
      aud: "api-key",
      sub: "902541635",
      exp: now + 60,
      nbf: now - 5,
      iat: now,
    };
    const encoded = [
      { alg: "HS256", typ: "JWT" },
      { ...claims, jti: "j", sid: "s" },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${encoded}.${createHmac("sha256", "api-secret-key").update(encoded).digest("base64url")}`;
  }

  it("finds the session that Shopify's own library names for a request, online and offline", async () => {
    const storage = storageWith(NEW);
    const [offline, online] = [anOfflineSession(shop), anOnlineSession(shop)];
    for (const session of [offline, online]) await storage.storeSession(session);
    const rawRequest = { headers: { Authorization: `Bearer ${sessionToken()}` }, url: "/", method: "GET" };
    for (const [isOnline, session] of [
      [false, offline],
      [true, online],
    ] as const) {
      const id = await shopify.session.getCurrentId({ isOnline, rawRequest, rawResponse: {} } as never);
      const found = (await storage.loadSession(id as string)) as Session;
      expect(found.equals(session)).toBe(true);
      expect(found.isActive("read_products")).toBe(true);
      // Shopify's clients take the session as it comes.
      expect(new shopify.clients.Graphql({ session: found })).toHaveProperty(
        "session.accessToken",
        session.accessToken,
      );
    }
    expect(shopify.session.getOfflineId(shop)).toBe(offline.id);
    expect(shopify.session.getJwtSessionId(shop, "902541635")).toBe(online.id);
    const custom = shopify.session.customAppSession(shop);
    await storage.storeSession(custom);
    expect((await storage.loadSession(custom.id))?.equals(custom)).toBe(true);
  });

  it("keeps what Shopify's library makes of a token exchange and of a refresh, tokens and person", async () => {
    const [storage, tokens] = [storageWith(NEW), await startTokenServer()];
    setAbstractFetchFunc((url, init) => fetch(`${tokens.url}${new URL(String(url)).pathname}`, init));
    const exchange = { shop, sessionToken: sessionToken() };
    const { OfflineAccessToken, OnlineAccessToken } = RequestedTokenType;
    const offline = await shopify.auth.tokenExchange({
      ...exchange,
      requestedTokenType: OfflineAccessToken,
      expiring: true,
    });
    const online = await shopify.auth.tokenExchange({ ...exchange, requestedTokenType: OnlineAccessToken });
    for (const { session } of [offline, online]) {
      await storage.storeSession(session);
      expect((await storage.loadSession(session.id))?.toObject()).toEqual(session.toObject());
    }
    expect(online.session.onlineAccessInfo?.associated_user.email).toBe("zoe@old-oak.example");

    const { refreshToken = "" } = (await storage.loadSession(offline.session.id)) as Session;
    const refreshed = await shopify.auth.refreshToken({ shop, refreshToken });
    await storage.storeSession(refreshed.session);
    const found = await storage.loadSession(offline.session.id);
    expect(found?.toObject()).toEqual(refreshed.session.toObject());
    expect(found?.accessToken).toBe("shpat_after_shprt_1");
    expect(found?.refreshTokenExpires).toBeInstanceOf(Date);
    await tokens.stop();
    setAbstractFetchFunc(fetch);
  });

  it("the door makes it of the environment, and connects at the first call", async () => {
    vi.stubEnv("DATABASE_URL", database.url);
    vi.stubEnv("TOKEN_ENCRYPTION_KEYS", `${NEW},${OLD}`);
    vi.stubEnv("LOG_LEVEL", "silent");
    const [storage, session] = [shopifySessionStorage(), anOfflineSession()];
    await storage.storeSession(session);
    expect((await storageWith(NEW).loadSession(session.id))?.equals(session)).toBe(true);
    await wiring().stop();
    vi.unstubAllEnvs();
  });

  it("R33: production without TOKEN_ENCRYPTION_KEYS makes no store, and goes on otherwise", async () => {
    const app = wire(
      readEnv({
        NODE_ENV: "production",
        APP_URL: "https://libero.example.com",
        DATABASE_URL: database.url,
        SESSION_SECRET: randomBytes(32).toString("hex"),
        COMMERCE7_INSTALL_USERNAME: "libero",
        COMMERCE7_INSTALL_PASSWORD: randomBytes(16).toString("hex"),
        LOG_LEVEL: "silent",
      }),
    );
    expect(() => app.shopifySessions()).toThrow(ConfigurationError);
    expect(() => app.shopifySessions()).toThrow(/TOKEN_ENCRYPTION_KEYS/);
    expect(await app.db.pendingMigrations()).toEqual([]);
    await app.stop();
  });
});
