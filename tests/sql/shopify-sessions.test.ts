import type { Session } from "@shopify/shopify-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { ConfigurationError, UnavailableError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { anOfflineSession, anOnlineSession, aShop, TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import { openWire } from "./world";

const [FIRST, SECOND] = TOKEN_KEYS;

describe("Shopify's sessions at rest", () => {
  let database: TestDatabase;
  let db: Database;
  let warnings: string[];
  const warn = (...args: unknown[]) => void warnings.push(JSON.stringify(args));
  const storageWith = (...keys: string[]) =>
    new LiberoShopifySessionStorage({ db, seal: createTokenSeal(keys), logger: { warn } as never });

  beforeAll(async () => {
    database = await createTestDatabase();
    db = openWire(database.url);
  });
  beforeEach(async () => {
    warnings = [];
    await database.sql.query("truncate public.shopify_sessions");
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });
  const sql = async (text: string, values?: unknown[]) => (await database.sql.query(text, values)).rows;

  it("R36: a dump holds no token, no OAuth state and nobody's name, in no coding", async () => {
    const session = anOnlineSession(aShop(), 7, { deviceToken: "shpdt_00112233445566778899" });
    const others = [anOfflineSession(session.shop), anOfflineSession()];
    for (const each of [session, ...others]) await storageWith(FIRST).storeSession(each);
    const [{ dump }] = (await sql(
      "select jsonb_agg(to_jsonb(s))::text as dump from public.shopify_sessions s",
    )) as [{ dump: string }];
    // Every part of every envelope as its bytes, beside the text itself.
    const decoded = dump.split(/[".]/).map((part) => Buffer.from(part, "base64url").toString("latin1"));
    const whole = [dump, ...decoded].join("\n");
    const secrets = [session, ...others].flatMap((each) => [each.accessToken, each.refreshToken, each.state]);
    const person = ["shpdt_00112233445566778899", "zoe@old-oak.example", "O'Grüner", FIRST];
    const needles = [...secrets, ...person].filter((text) => text !== undefined);
    expect(needles).toHaveLength(12);
    for (const text of needles) {
      const bytes = Buffer.from(text);
      const codings = [
        text,
        ...(["latin1", "hex", "base64url", "base64"] as const).map((coding) => bytes.toString(coding)),
      ];
      // Where three bytes begin decides how base64 writes them; the middle is the same in one of three.
      const shifted = [1, 2].map((by) => bytes.subarray(by).toString("base64url").slice(0, -2));
      for (const coding of [...codings, ...shifted]) {
        expect(whole.includes(coding) ? coding : "").toBe("");
      }
    }
    expect(whole).toContain(session.shop);
  });

  it("the database refuses a token that is not sealed", async () => {
    await storageWith(FIRST).storeSession(anOfflineSession());
    for (const column of ["access_token", "refresh_token", "session"]) {
      for (const text of ["shpat_0123456789abcdef", "", "a.b.c.d.e", "a..b.c.d\nshpat_1"]) {
        const update = sql(`update public.shopify_sessions set ${column} = $1`, [text]);
        await expect(update).rejects.toThrow(`shopify_sessions_${column}_is_sealed`);
      }
    }
  });

  const swap = (to: string, from: string) => `
    update public.shopify_sessions t set ${to} = f.${from} from public.shopify_sessions f
    where t.id = 'offline_a.myshopify.com' and f.id = $1`;
  it.each<[string, string, string]>([
    ["access token comes from another shop", "offline_b.myshopify.com", swap("access_token", "access_token")],
    [
      "refresh token comes from another shop",
      "offline_b.myshopify.com",
      swap("refresh_token", "refresh_token"),
    ],
    ["other properties come from another shop", "offline_b.myshopify.com", swap("session", "session")],
    [
      "access token comes from another session of the shop",
      "a.myshopify.com_1",
      swap("access_token", "access_token"),
    ],
    [
      "other properties come from another session of the shop",
      "a.myshopify.com_1",
      swap("session", "session"),
    ],
    ["access token is its refresh token", "offline_a.myshopify.com", swap("access_token", "refresh_token")],
    ["refresh token is its access token", "offline_a.myshopify.com", swap("refresh_token", "access_token")],
    ["properties are its access token", "offline_a.myshopify.com", swap("session", "access_token")],
    [
      "row was given to another shop",
      "offline_a.myshopify.com",
      "update public.shopify_sessions t set shop = 'c' where id = $1",
    ],
    [
      "seal was changed by one character",
      "offline_a.myshopify.com",
      `update public.shopify_sessions set access_token = left(access_token, -30) || translate(right(access_token, 30),
       'abcdefghijABCDEFGHIJ', 'bcdefghijaBCDEFGHIJA') where id = $1`,
    ],
  ])(
    "does not open where its %s: it is absent, the log says which, and storing it again mends it",
    async (_what, from, change) => {
      const storage = storageWith(FIRST);
      const shops = ["a.myshopify.com", "b.myshopify.com"];
      const sessions = [
        ...shops.map((shop) => anOfflineSession(shop)),
        anOnlineSession("a.myshopify.com", 1),
      ];
      for (const session of sessions) await storage.storeSession(session);
      await database.sql.query(change, [from]);
      const id = "offline_a.myshopify.com";
      expect(await storage.loadSession(id)).toBeUndefined();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(id);
      expect(warnings[0]).toMatch(/a sealed shopify (access token|refresh token|session) does not open/);
      expect(warnings[0]).not.toMatch(/shpat|shprt|eyJ/);
      const found = await Promise.all([...shops, "c"].map((shop) => storage.findSessionsByShop(shop)));
      expect(
        found
          .flat()
          .map((session) => session.id)
          .sort(),
      ).toEqual(["a.myshopify.com_1", "offline_b.myshopify.com"]);

      await storage.storeSession(sessions[0] as Session);
      expect((await storage.loadSession(id))?.equals(sessions[0])).toBe(true);
    },
  );

  it("R33: where the key is missing, nobody is signed out: it throws, and names the key", async () => {
    const [old, session] = [storageWith(FIRST), anOfflineSession()];
    await old.storeSession(session);
    const storage = storageWith(SECOND);
    for (const call of [
      () => storage.loadSession(session.id),
      () => storage.findSessionsByShop(session.shop),
    ]) {
      await expect(call()).rejects.toThrow(ConfigurationError);
      await expect(call()).rejects.toThrow(`its id is ${createTokenSeal([FIRST]).keyId}`);
    }
    expect(warnings).toEqual([]);
    expect((await storageWith(SECOND, FIRST).loadSession(session.id))?.equals(session)).toBe(true);
  });

  it("R31: where the database does not answer, it throws, and says neither yes nor no", async () => {
    const url = "postgres://nobody@127.0.0.1:9/none";
    const away = openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
    const storage = new LiberoShopifySessionStorage({
      db: away,
      seal: createTokenSeal([FIRST]),
      logger: silentLogger,
    });
    for (const call of [
      () => storage.storeSession(anOfflineSession()),
      () => storage.loadSession("x"),
      () => storage.deleteSession("x"),
      () => storage.deleteSessions(["x"]),
      () => storage.findSessionsByShop("x"),
    ]) {
      await expect(call()).rejects.toThrow(UnavailableError);
    }
    await away.close();
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /it: /],
    ["no id", { shop: "s", isOnline: true }, /: id: /],
    [
      "an id of half a character",
      { id: "\ud800", shop: "s", isOnline: true },
      /: id: .*PostgreSQL cannot hold/,
    ],
    ["an id of 513 characters", { id: "x".repeat(513), shop: "s", isOnline: true }, /: id: /],
    ["no shop", { id: "x", isOnline: true }, /: shop: /],
    ["a shop with a NUL", { id: "x", shop: "s\0", isOnline: true }, /: shop: /],
    ["neither online nor offline", { id: "x", shop: "s" }, /: isOnline: /],
    ["a token that is no text", { id: "x", shop: "s", isOnline: true, accessToken: 7 }, /: accessToken: /],
    [
      "a refresh token that is no text",
      { id: "x", shop: "s", isOnline: true, refreshToken: {} },
      /: refreshToken: /,
    ],
    [
      "an expiry that is no date",
      { id: "x", shop: "s", isOnline: true, expires: "soon" },
      /: expires: is no Date/,
    ],
  ])("refuses %s with what is wrong, and stores nothing", async (_what, session, message) => {
    const storing = storageWith(FIRST).storeSession(session as Session);
    await expect(storing).rejects.toThrow(TypeError);
    await expect(storing).rejects.toThrow(message);
    expect(await sql("select from public.shopify_sessions")).toEqual([]);
  });

  it("R36: people whose token expired 30 days ago go, ten at a time, with the next store; all others stay", async () => {
    const storage = storageWith(FIRST);
    const past = { expires: new Date(Date.now() - 31 * 86_400_000) };
    const shop = aShop();
    for (let id = 1; id <= 12; id += 1) await storage.storeSession(anOnlineSession(shop, id, past));
    await storage.storeSession(anOfflineSession(shop, { ...past, refreshToken: undefined }));
    await storage.storeSession(anOnlineSession(shop, 13, { ...past, refreshToken: "shprt_1" }));
    await storage.storeSession(
      anOnlineSession(shop, 14, { expires: new Date(Date.now() - 29 * 86_400_000) }),
    );
    await storage.storeSession(anOnlineSession(shop, 15, { expires: undefined }));
    const left = async () => (await storage.findSessionsByShop(shop)).length;
    // What was stored of late is somebody's business still, however old its token.
    expect(await left()).toBe(16);
    await sql("update public.shopify_sessions set updated_at = now() - interval '31 days'");
    // Whoever stores waits for nobody.
    await sql("begin");
    await sql("select from public.shopify_sessions where id = $1 for update", [`${shop}_12`]);
    await storage.storeSession(anOfflineSession());
    expect(await left()).toBe(6);
    await storage.storeSession(anOfflineSession());
    expect(await left()).toBe(5);
    await sql("rollback");
    await storage.storeSession(anOfflineSession());
    expect(await left()).toBe(4);
    await storage.storeSession(anOfflineSession());
    const ids = (await storage.findSessionsByShop(shop)).map(({ id }) => id);
    expect(ids).toEqual([`offline_${shop}`, ...[13, 14, 15].map((id) => `${shop}_${id}`)]);
  });

  it("an update keeps when the session came, says when it changed, and changes what is in clear with what is sealed", async () => {
    const [storage, session] = [storageWith(FIRST), anOfflineSession()];
    await storage.storeSession(session);
    const ago = "now() - interval '1 hour'";
    await sql(`update public.shopify_sessions set created_at = ${ago}, updated_at = ${ago}`);
    session.expires = new Date(1_900_000_000_123);
    session.isOnline = true;
    await storage.storeSession(session);
    const rows =
      await sql(`select created_at < now() - interval '59 minutes' as old, updated_at > now() - interval '1 minute'
      as changed, expires_at, is_online from public.shopify_sessions`);
    expect(rows).toEqual([{ old: true, changed: true, expires_at: session.expires, is_online: true }]);
  });
});
