import type { Session } from "@shopify/shopify-api";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSealedShopifySessions } from "../../app/lib/adapters/shopify-sealed-sessions";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import { rekeyAll, type SealedStore } from "../../app/lib/vault/rekey";
import { createTokenSeal, type TokenSeal } from "../../app/lib/vault/seal";
import { anOfflineSession, anOnlineSession, aShop, TOKEN_KEYS } from "../support/shopify";
import { silentLogger } from "../support/silent-logger";
import type { TwoInstances } from "../support/two-instances";

/** More than a batch. */
const MANY = 110;
const [OLD, NEW] = TOKEN_KEYS;
const [before, during, after] = [createTokenSeal([OLD]), createTokenSeal([NEW, OLD]), createTokenSeal([NEW])];
const NOTHING = { kind: "Shopify sessions", resealed: 0, overtaken: 0, broken: 0, keyMissing: 0 };

const byId = (sessions: Session[]) => new Map(sessions.map((session) => [session.id, session]));

/** What holds on PostgreSQL in detail (tests/sql/rekey.test.ts) holds over every driver. */
export function describeShopifyRekey(name: string, open: () => TwoInstances) {
  describe(`R33: the keys of Shopify's sessions are replaced over ${name}`, () => {
    let instances: TwoInstances;
    let store: SealedStore;
    let shop: string;
    beforeAll(() => {
      instances = open();
      store = createSealedShopifySessions(instances.dbs[1]);
    });
    beforeEach(async () => {
      shop = aShop();
      await instances.sql("truncate public.shopify_sessions");
    });

    const storage = (seal: TokenSeal) =>
      new LiberoShopifySessionStorage({ db: instances.dbs[0], seal, logger: silentLogger });
    const keep = (sessions: Session[], seal = before) =>
      Promise.all(sessions.map((session) => storage(seal).storeSession(session)));
    const found = async (seal: TokenSeal) => byId(await storage(seal).findSessionsByShop(shop));
    const people = (count: number) => Array.from({ length: count }, (_, id) => anOnlineSession(shop, id));
    /** Something happens between reading and writing. */
    const racing = (happens: () => Promise<unknown>): SealedStore => ({
      ...store,
      replace: async (...row) => {
        await happens();
        return store.replace(...row);
      },
    });

    it("while 20 stores run: what was stored last is there, and opens with the new key alone", async () => {
      const expected = byId([...people(MANY), anOfflineSession(shop, { refreshToken: undefined })]);
      await keep([...expected.values()]);
      const anew = people(20);
      for (const session of anew) expected.set(session.id, session);
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const rekeying = rekeyAll(during, [racing(async () => begin())]);
      await begun;
      await Promise.all([keep(anew.slice(0, 10)), keep(anew.slice(10), during)]);
      expect(await rekeying).toMatchObject([{ broken: 0, keyMissing: 0 }]);

      const [report] = await rekeyAll(during, [store]);
      expect(report).toMatchObject({ overtaken: 0, keys: [{ keyId: during.keyId, rows: expected.size }] });
      expect(await found(after)).toEqual(expected);
    });

    it("what is stored or deleted between reading and writing is not overwritten, and not brought back", async () => {
      const [stored, deleted, left] = people(3) as [Session, Session, Session];
      await keep([stored, deleted, left]);
      const newer = anOnlineSession(shop, 0);
      let meanwhile = async () => {
        meanwhile = async () => {};
        await keep([newer]);
        await storage(before).deleteSession(deleted.id);
      };
      const [report] = await rekeyAll(during, [racing(() => meanwhile())]);
      expect(report).toMatchObject({ ...NOTHING, resealed: 1, overtaken: 2 });
      expect(await found(during)).toEqual(byId([newer, left]));
    });
  });
}
