import { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { MemorySessionStorage } from "@shopify/shopify-app-session-storage-memory";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anOfflineSession, anOnlineSession, aShop } from "../support/shopify";

export type ShopifySessionsUnderTest = {
  storage: SessionStorage;
  /** The same sessions as another instance of the app sees them. */
  other: SessionStorage;
  reset(): Promise<void>;
  close(): Promise<unknown>;
};

type Method = keyof SessionStorage;
type Call = { [M in Method]: [method: M, ...args: Parameters<SessionStorage[M]>] }[Method];

/** What a caller sees of an answer now: the reference hands out its own objects, which go on changing. */
function seen(answer: unknown): unknown {
  if (answer instanceof Session) return { session: { ...answer }, object: answer.toObject() };
  return Array.isArray(answer) ? answer.map(seen) : answer;
}

async function answersOf(storage: SessionStorage, calls: Call[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const [method, ...args] of calls) {
    answers.push([method, seen(await (storage[method] as (...all: unknown[]) => unknown)(...args))]);
  }
  return answers;
}

/** Everything that Shopify's own suite for stores asks, and more: beside Shopify's MemorySessionStorage, which is the reference. */
export function describeShopifySessions(name: string, open: () => Promise<ShopifySessionsUnderTest>) {
  describe(`D2: Shopify's SessionStorage on ${name}`, () => {
    let under: ShopifySessionsUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    beforeEach(() => under.reset());
    afterAll(() => under.close());

    const sameAnswers = async (calls: Call[]) => {
      const ours = await answersOf(under.storage, calls);
      expect(ours).toEqual(await answersOf(new MemorySessionStorage(), calls));
      return ours;
    };
    const loaded = async (id: string) => (await under.storage.loadSession(id)) as Session;

    it.each<[string, Session]>([
      ["of a shop", anOfflineSession()],
      ["of a person", anOnlineSession()],
      ["that never expires", anOfflineSession(undefined, { expires: undefined, refreshToken: undefined })],
      ["whose expiry is null", anOfflineSession(undefined, { expires: null as never })],
      ["that expired long ago", anOnlineSession(undefined, 1, { expires: new Date(0) })],
      ["whose expiry is no date at all", anOfflineSession(undefined, { expires: new Date(Number.NaN) })],
      [
        "of a shop, yet with a person",
        anOfflineSession(undefined, { onlineAccessInfo: { associated_user: { id: 7 } } as never }),
      ],
      [
        "of a person about whom little is known",
        anOnlineSession(undefined, 1, { onlineAccessInfo: undefined }),
      ],
      ["that has just begun", new Session({ id: "1", shop: "s", state: "nonce", isOnline: true })],
      ["with empty tokens", anOfflineSession(undefined, { accessToken: "", refreshToken: "" })],
      [
        "without a token",
        anOfflineSession(undefined, { accessToken: null as never, refreshToken: undefined }),
      ],
      ["of a custom app, whose id is empty", new Session({ id: "", shop: "s", state: "", isOnline: false })],
      ["with 3000 characters of scopes", anOfflineSession(undefined, { scope: "read_orders,".repeat(250) })],
      [
        "with whatever a later version adds",
        anOnlineSession(undefined, 1, {
          deviceToken: "shpdt_1",
          deviceTokenExpires: new Date(1_800_000_000_001),
          nested: { list: [1, null, "🍷\0"], deep: { flag: false } },
        }),
      ],
      ["that names its keys oddly", anOnlineSession(undefined, 1, { __proto: 1, accesstoken: "no", "": 0 })],
    ])("keeps every property of a session %s", async (_what, session) => {
      await sameAnswers([
        ["storeSession", session],
        ["loadSession", session.id],
        ["findSessionsByShop", session.shop],
        ["deleteSession", session.id],
        ["loadSession", session.id],
        ["findSessionsByShop", session.shop],
      ]);
      await under.storage.storeSession(session);
      const found = await loaded(session.id);
      expect(found).toBeInstanceOf(Session);
      expect(found.equals(session)).toBe(true);
      expect(found.isActive(session.scope)).toBe(session.isActive(session.scope));
      expect(found.isExpired()).toBe(session.isExpired());
      expect(found.toPropertyArray(true)).toEqual(session.toPropertyArray(true));
    });

    it("keeps what is nested 2,000 levels deep: sealed, it is a text to the database", async () => {
      const deep = JSON.parse(`${"[".repeat(2_000)}${"]".repeat(2_000)}`);
      const session = anOnlineSession(undefined, 1, { deep });
      await under.storage.storeSession(session);
      expect(JSON.stringify(await loaded(session.id))).toBe(JSON.stringify(session));
    });

    it("stores in place of what has the same id, and nothing of that is left", async () => {
      const shop = aShop();
      await sameAnswers([
        ["storeSession", anOnlineSession(shop, 1, { later: "gone" })],
        ["storeSession", new Session({ id: `${shop}_1`, shop: "moved", state: "", isOnline: false })],
        ["loadSession", `${shop}_1`],
        ["findSessionsByShop", shop],
        ["findSessionsByShop", "moved"],
      ]);
    });

    it("finds all sessions of a shop and of no other, in the order in which they came", async () => {
      const [shop, other] = [aShop(), aShop()];
      const online = [5, 3, 9, 1].map((id) => anOnlineSession(shop, id));
      const stores = [...online, anOfflineSession(shop), anOfflineSession(other), online[1] as Session].map(
        (session): Call => ["storeSession", session],
      );
      const answers = await sameAnswers([
        ...stores,
        ["findSessionsByShop", shop],
        ["deleteSession", online[0]?.id ?? ""],
        ["storeSession", online[0] as Session],
        ["findSessionsByShop", shop],
        ["findSessionsByShop", other],
        ["findSessionsByShop", shop.toUpperCase()],
        ["findSessionsByShop", "%"],
        ["findSessionsByShop", ""],
      ]);
      expect(answers[7]).toMatchObject(["findSessionsByShop", { length: 5 }]);
    });

    it("finds them all where there are many: Shopify's store on Prisma stops at 25", async () => {
      const shop = aShop();
      const ids = Array.from({ length: 60 }, (_, id) => id);
      await Promise.all(ids.map((id) => under.storage.storeSession(anOnlineSession(shop, id))));
      expect(await under.other.findSessionsByShop(shop)).toHaveLength(60);
    });

    it("deletes one or many, whether they are there or not", async () => {
      const shop = aShop();
      const ids = [1, 2, 3, 4].map((id) => `${shop}_${id}`);
      await sameAnswers([
        ...[1, 2, 3, 4].map((id): Call => ["storeSession", anOnlineSession(shop, id)]),
        ["deleteSession", ids[0] as string],
        ["deleteSession", ids[0] as string],
        ["deleteSessions", []],
        ["deleteSessions", [ids[1] as string, "nobody's", ids[1] as string, ids[3] as string]],
        ["loadSession", ids[1] as string],
        ["findSessionsByShop", shop],
      ]);
    });

    it("knows nothing of ids that nobody stored, whatever they look like", async () => {
      await under.storage.storeSession(anOfflineSession());
      const odd = ["nobody's", "", "%", "'", "a\0b", "\ud800", "x".repeat(9_000), undefined, null, 7, {}];
      await sameAnswers(
        odd.flatMap((id): Call[] => [
          ["loadSession", id as string],
          ["deleteSession", id as string],
          ["deleteSessions", [id as string]],
          ["findSessionsByShop", id as string],
        ]),
      );
    });

    it("answers as the reference does, whatever is called in whatever order", async () => {
      const shops = ["a.myshopify.com", "b.myshopify.com"];
      const shop = fc.constantFrom(...shops);
      const id = fc.constantFrom("x", "y", "z");
      const session = fc
        .record({ id, shop, state: fc.string(), isOnline: fc.boolean() }, { requiredKeys: [] })
        .chain((own) =>
          fc
            .record(
              {
                scope: fc.string(),
                accessToken: fc.string(),
                refreshToken: fc.string(),
                expires: fc.date(),
                // What has been through JSON: it knows no -0.
                later: fc.json().map((text) => JSON.parse(text)),
              },
              { requiredKeys: [] },
            )
            .map(
              (more) =>
                new Session({
                  id: "x",
                  shop: shops[0],
                  state: "",
                  isOnline: false,
                  ...own,
                  ...more,
                } as never),
            ),
        );
      const call: fc.Arbitrary<Call> = fc.oneof(
        { weight: 3, arbitrary: session.map((stored): Call => ["storeSession", stored]) },
        id.map((one): Call => ["loadSession", one]),
        id.map((one): Call => ["deleteSession", one]),
        fc.array(id).map((some): Call => ["deleteSessions", some]),
        shop.map((one): Call => ["findSessionsByShop", one]),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(call, { minLength: 4, maxLength: 14 }), async (calls) => {
          await under.reset();
          await sameAnswers([...calls, ...shops.map((one): Call => ["findSessionsByShop", one])]);
        }),
        { numRuns: 25 },
      );
    });

    it("a session that was loaded is the caller's own: changing it changes nothing that is stored", async () => {
      const session = anOfflineSession();
      await under.storage.storeSession(session);
      (await loaded(session.id)).accessToken = "changed";
      expect((await loaded(session.id)).accessToken).toBe(session.accessToken);
    });

    it("E2: 20 parallel stores of one shop's sessions: all 20 are there, and are found by the shop", async () => {
      const shop = aShop();
      const sessions = Array.from({ length: 20 }, (_, i) => anOnlineSession(shop, i));
      const store = (session: Session, i: number) =>
        (i % 2 ? under.storage : under.other).storeSession(session);
      expect(await Promise.all(sessions.map(store))).toEqual(sessions.map(() => true));
      const found = await under.storage.findSessionsByShop(shop);
      const byId = (a: Session, b: Session) => (a.id < b.id ? -1 : 1);
      expect(found.sort(byId).map(seen)).toEqual(sessions.sort(byId).map(seen));
    });

    it("E2: 20 parallel stores of one session leave one of them, whole, and nothing of the others", async () => {
      const shop = aShop();
      const sessions = Array.from({ length: 20 }, (_, i) =>
        anOfflineSession(shop, { mark: i, ...(i % 3 === 0 && { refreshToken: undefined }) }),
      );
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(
          sessions.map((session, i) => (i % 2 ? under.storage : under.other).storeSession(session)),
        );
        const found = await loaded(`offline_${shop}`);
        const { mark } = found as Session & { mark: number };
        expect(seen(found)).toEqual(seen(sessions[mark]));
        expect(await under.other.findSessionsByShop(shop)).toHaveLength(1);
      }
    });

    it("E2: deletes beside stores take what they name and nothing else, and wait for no circle", async () => {
      const shop = aShop();
      const sessions = Array.from({ length: 20 }, (_, i) => anOnlineSession(shop, i));
      const ids = sessions.map(({ id }) => id);
      for (let round = 0; round < 5; round += 1) {
        const [kept, doomed] = [sessions.filter((_, i) => i % 2), sessions.filter((_, i) => i % 2 === 0)];
        await Promise.all(doomed.map((session) => under.storage.storeSession(session)));
        await Promise.all([
          ...kept.map((session) => under.storage.storeSession(session)),
          under.storage.deleteSessions(doomed.map(({ id }) => id)),
          under.other.deleteSessions(doomed.map(({ id }) => id).reverse()),
        ]);
        const found = (await under.storage.findSessionsByShop(shop)).map(({ id }) => id);
        expect(found.sort()).toEqual(kept.map(({ id }) => id).sort());
        await Promise.all([
          under.storage.deleteSessions(ids),
          under.other.deleteSessions([...ids].reverse()),
        ]);
        expect(await under.storage.findSessionsByShop(shop)).toEqual([]);
      }
    });
  });
}
