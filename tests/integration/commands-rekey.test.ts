import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSealedShopifySessions } from "../../app/lib/adapters/shopify-sealed-sessions";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault } from "../../app/lib/vault/vault";
import { callSessions, documentOf } from "../support/commands";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { anOfflineSession, anOnlineSession, TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";

const [OLD, NEW] = TOKEN_KEYS;

describe("R33: npm run sessions -- rekey", () => {
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
  const env = (keys: string) => ({ DATABASE_URL: database.url, TOKEN_ENCRYPTION_KEYS: keys });
  const keyId = (key: string) => createTokenSeal([key]).keyId;

  const vaultWith = (...keys: string[]) =>
    createVault({ db, seal: () => createTokenSeal(keys), logger: silentLogger });
  const crm = {
    name: "crm",
    tokenEndpoint: "https://crm.example/token",
    client: { id: "libero", authentication: "none" as const },
  };

  it("tries first, replaces the key of everything that is sealed, and says that the old one can go", async () => {
    await database.sql.query("truncate public.shopify_sessions, public.oauth_tokens");
    await vaultWith(OLD).keep("old-oak", crm, { access_token: "crm-token", token_type: "Bearer" });
    const sessions = [anOfflineSession(), anOfflineSession(), anOnlineSession()];
    for (const session of sessions) await storageWith(OLD).storeSession(session);

    const tried = await documentOf(["rekey", "--dry-run"], env(`${NEW},${OLD}`));
    const counts = { overtaken: 0, broken: 0, keyMissing: 0 };
    const sealedByOld = (rows: number) => ({
      resealed: rows,
      ...counts,
      keys: [{ keyId: keyId(OLD), rows }],
    });
    expect(tried).toEqual({
      code: 0,
      stderr: "",
      document: {
        dryRun: true,
        keyId: keyId(NEW),
        done: false,
        kinds: [
          { kind: "OAuth grants", ...sealedByOld(1) },
          { kind: "Shopify sessions", ...sealedByOld(3) },
        ],
      },
    });

    const { code, stdout, stderr } = await callSessions(["rekey"], env(`${NEW},${OLD}`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^OAuth grants +1 +0 +0 +0$/m);
    expect(stdout).toMatch(/^Shopify sessions +3 +0 +0 +0$/m);
    expect(stdout).toContain(`The first key (${keyId(NEW)}) seals everything; the others can go.`);
    for (const session of sessions) {
      expect((await storageWith(NEW).loadSession(session.id))?.equals(session)).toBe(true);
    }
    expect(await vaultWith(NEW).open("old-oak", crm)).toMatchObject({ accessToken: "crm-token" });
  });

  it("ends with 1 where something does not open, and names its kind and how many, never a token", async () => {
    await database.sql.query("truncate public.shopify_sessions, public.oauth_tokens");
    const session = anOfflineSession();
    await storageWith(OLD).storeSession(session);
    for (const args of [["rekey"], ["rekey", "--dry-run"]]) {
      const { code, stdout, stderr } = await callSessions(args, env(NEW));
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatch(/^Shopify sessions +0 +0 +0 +1$/m);
      expect(stdout).toMatch(new RegExp(`^Shopify sessions +${keyId(OLD)} +1$`, "m"));
      expect(stdout).toContain("Put a missing key back behind the first.");
      expect(stdout).not.toMatch(/ey[A-Z]|shp|encryption/i);
    }
    expect(await createSealedShopifySessions(db).keysInUse()).toEqual({ [keyId(OLD)]: 1 });
  });
});
