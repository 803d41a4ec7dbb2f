import { setImmediate as turn } from "node:timers/promises";
import type { Session } from "@shopify/shopify-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSealedShopifySessions } from "../../app/lib/adapters/shopify-sealed-sessions";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { ConfigurationError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { rekeyAll } from "../../app/lib/vault/rekey";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { anOfflineSession, anOnlineSession, aShop, TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import { openWire } from "./world";

const [OLD, NEW] = TOKEN_KEYS;
const [before, during, after] = [createTokenSeal([OLD]), createTokenSeal([NEW, OLD]), createTokenSeal([NEW])];

describe("R33: the keys of Shopify's sessions are replaced", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openWire(database.url);
  });
  beforeEach(async () => void (await database.sql.query("truncate public.shopify_sessions")));
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const storage = (seal: typeof before) =>
    new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });
  const sql = async (text: string, values?: unknown[]) => (await database.sql.query(text, values)).rows;
  const rekey = async (options?: { dryRun: boolean }, seal = during) => {
    const [report] = await rekeyAll(seal, [createSealedShopifySessions(db)], options);
    return report;
  };
  const none = { kind: "Shopify sessions", resealed: 0, overtaken: 0, broken: 0, keyMissing: 0 };
  const only = (seal: typeof before, rows: number) => [{ keyId: seal.keyId, rows }];

  it("with nobody signed out: 120 sessions are sealed anew, open with the new key alone, and are what they were", async () => {
    const sessions = Array.from({ length: 120 }, (_, i) =>
      i % 2
        ? anOfflineSession(undefined, i % 3 ? {} : { refreshToken: undefined })
        : anOnlineSession(aShop(), i),
    );
    await Promise.all(sessions.map((session) => storage(before).storeSession(session)));
    const unsealed =
      "select id, shop, is_online, expires_at, place, created_at, updated_at from public.shopify_sessions order by id";
    const others = await sql(unsealed);

    expect(await rekey({ dryRun: true })).toEqual({ ...none, resealed: 120, keys: only(before, 120) });
    expect(await rekey()).toEqual({ ...none, resealed: 120, keys: only(during, 120) });
    expect(await rekey()).toEqual({ ...none, keys: only(during, 120) });

    expect(await sql(unsealed)).toEqual(others);
    for (const session of sessions) {
      expect((await storage(after).loadSession(session.id))?.equals(session)).toBe(true);
      await expect(storage(before).loadSession(session.id)).rejects.toThrow(ConfigurationError);
    }
  });

  it("E2: beside 20 stores at a time nothing newer is overwritten, and nothing deleted comes back", async () => {
    const shop = aShop();
    const ids = Array.from({ length: 20 }, (_, i) => i);
    const newest = new Map<string, Session>();
    const store = async (seal: typeof before, id: number) => {
      const session = anOnlineSession(shop, id, { refreshToken: `shprt_${Math.random()}` });
      await storage(seal).storeSession(session);
      newest.set(session.id, session);
    };
    let rekeying = true;
    const rekeyer = (async () => {
      while (rekeying) await rekey();
    })();
    for (let round = 0; round < 12; round += 1) {
      // Instances that have not heard of the new key yet, and such as have.
      await Promise.all(ids.map((id) => store(id % 3 ? before : during, id)));
      const gone = `${shop}_${round % 20}`;
      await storage(during).deleteSession(gone);
      newest.delete(gone);
      await turn();
      const found = await storage(during).findSessionsByShop(shop);
      expect(new Map(found.map((session) => [session.id, session]))).toEqual(newest);
    }
    rekeying = false;
    await rekeyer;
    expect(await rekey()).toMatchObject({ broken: 0, keyMissing: 0, keys: only(during, newest.size) });
    expect(await storage(after).findSessionsByShop(shop)).toHaveLength(newest.size);
  });

  it("what changed between reading and writing stays as it was changed", async () => {
    const [first, second] = [anOfflineSession("a.myshopify.com"), anOfflineSession("b.myshopify.com")];
    for (const session of [first, second]) await storage(before).storeSession(session);
    const sealed = createSealedShopifySessions(db);
    const rows = await sealed.batch(during.keyId, undefined, 10);
    const newer = anOfflineSession(first.shop);
    await storage(before).storeSession(newer);
    await storage(before).deleteSession(second.id);
    for (const row of rows) {
      const resealed = await Promise.all(
        row.values.map(async (value) =>
          during.seal(await during.open(value.sealed, value.context), value.context),
        ),
      );
      expect(await sealed.replace(row, resealed, during.keyId)).toBe(false);
    }
    expect((await storage(before).loadSession(first.id))?.equals(newer)).toBe(true);
    expect(await storage(before).loadSession(second.id)).toBeUndefined();
  });

  it("what was overtaken is counted as such", async () => {
    await storage(before).storeSession(anOfflineSession());
    const sealed = createSealedShopifySessions(db);
    // Whoever stores is faster than rekey, each time.
    const busy = { ...sealed, replace: async () => false };
    expect(await rekeyAll(during, [busy])).toEqual([{ ...none, overtaken: 1, keys: only(before, 1) }]);
  });

  it("goes on where it was stopped, in the order of ids, from behind the last", async () => {
    for (const shop of ["c", "a", "d", "b"]) await storage(before).storeSession(anOfflineSession(shop));
    await storage(during).storeSession(anOfflineSession("e"));
    const sealed = createSealedShopifySessions(db);
    const keys = async (from: string | undefined, limit: number) =>
      (await sealed.batch(during.keyId, from, limit)).map(({ key }) => key);
    expect(await keys(undefined, 3)).toEqual(["offline_a", "offline_b", "offline_c"]);
    expect(await keys("offline_b", 3)).toEqual(["offline_c", "offline_d"]);
    expect(await keys("offline_d", 3)).toEqual([]);
    expect(await sealed.keysInUse()).toEqual({ [before.keyId]: 4, [during.keyId]: 1 });
  });

  it("what does not open is counted and left alone, and keeps nobody else waiting", async () => {
    const shops = Array.from({ length: 103 }, (_, i) => `shop-${String(i).padStart(3, "0")}`);
    await Promise.all(shops.map((shop) => storage(before).storeSession(anOfflineSession(shop))));
    await sql(
      "update public.shopify_sessions set access_token = refresh_token where shop in ('shop-000', 'shop-101')",
    );
    const lost = createTokenSeal(["a key that nobody has any more, and which was long enough"]);
    await storage(lost).storeSession(anOfflineSession("shop-050"));
    const left =
      "select id, session from public.shopify_sessions where shop in ('shop-000', 'shop-050', 'shop-101') order by 1";
    const untouched = await sql(left);

    const expected = { ...none, resealed: 100, broken: 2, keyMissing: 1 };
    expect(await rekey({ dryRun: true })).toMatchObject(expected);
    const report = await rekey();
    expect(report).toMatchObject(expected);
    expect(Object.fromEntries((report?.keys ?? []).map(({ keyId, rows }) => [keyId, rows]))).toEqual({
      [during.keyId]: 100,
      [before.keyId]: 2,
      [lost.keyId]: 1,
    });
    expect(await sql(left)).toEqual(untouched);
  });
});
