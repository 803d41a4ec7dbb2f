import { createMemorySessionStorage, createSessionStorage as createRemixStorage } from "@remix-run/node";
import { createSessionStorage as createRouterStorage } from "react-router";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAppSessionStorage } from "../../app/lib/adapters/remix-session-storage";
import {
  type AppSessionStrategyOptions,
  createAppSessionStrategy,
} from "../../app/lib/adapters/remix-session-strategy";
import { createSessionEngine } from "../../app/lib/sessions/engine";
import type { SessionManager } from "../../app/lib/sessions/manager";
import { aClient, HOUR, NOW } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import type { StoresUnderTest } from "../support/stores";

const SECRET = "a secret of more than thirty-two characters, for tests";
const cookie = { name: "__session", secrets: [SECRET], sameSite: "lax" as const, path: "/", httpOnly: true };
const JASON = { id: "jason", name: "Jason Andres", email: null, role: "Admin" };
const MARY = { ...JASON, id: "mary", name: "Mary Stone" };

/** The Cookie header that a browser makes of a Set-Cookie value; none where the cookie was taken away. */
const sentBack = (setCookie: string) => {
  const [pair = "", ...attributes] = setCookie.split("; ");
  return attributes.some((attribute) => /^Expires=Thu, 01 Jan 1970/.test(attribute)) ? "" : pair;
};

const FRAMEWORKS = {
  "Remix 2": createRemixStorage,
  "React Router 7": createRouterStorage as unknown as typeof createRemixStorage,
};
const ALL = Object.keys(FRAMEWORKS) as (keyof typeof FRAMEWORKS)[];

/** One suite for every store: the engine's sessions through `createSessionStorage`, beside Remix's own in memory. */
export function describeRemixSessionStorage(
  name: string,
  open: () => Promise<StoresUnderTest>,
  frameworks = ALL,
) {
  describe(`Remix sessions on ${name}`, () => {
    let home: StoresUnderTest;
    beforeAll(async () => {
      home = await open();
    });
    afterAll(() => home.close());
    describe.each(frameworks)("through %s's createSessionStorage", (framework) =>
      describeFramework(() => home, FRAMEWORKS[framework]),
    );
  });
}

function describeFramework(getHome: () => StoresUnderTest, createSessionStorage: typeof createRemixStorage) {
  let home: StoresUnderTest;
  let clientId: string;
  let nowMs: number;
  let sessions: SessionManager;
  beforeEach(async () => {
    home = getHome();
    await home.reset();
    nowMs = NOW;
    clientId = (await home.clients.install(aClient("old-oak"))).id;
    sessions = createSessionEngine({
      store: home.sessions,
      logger: silentLogger,
      secrets: [SECRET],
      cookie: { name: "__libero_session", sameSite: "lax" },
      clock: () => nowMs,
    }).sessions;
  });

  const options = (): AppSessionStrategyOptions => ({
    sessions,
    whose: ({ user, winery = clientId }) =>
      user ? { clientId: winery as string, user: user as typeof JASON } : undefined,
  });
  const storageWith = (changes: Partial<AppSessionStrategyOptions> = {}) =>
    createAppSessionStorage(createSessionStorage, { ...options(), ...changes, cookie });
  type Storage = ReturnType<typeof storageWith>;

  async function signIn(storage: Storage, data: object = {}, header: string | null = null) {
    const session = await storage.getSession(header);
    session.set("user", JASON);
    for (const [key, value] of Object.entries(data)) session.set(key, value);
    return sentBack(await storage.commitSession(session));
  }
  const dataOf = async (storage: Storage, header: string) => (await storage.getSession(header)).data;
  const countOpen = async () => (await home.sessions.totals(nowMs)).active;

  describe("beside Remix's own sessions in memory: the same calls, the same answers", () => {
    /** What a browser and an app may do, and what they see of it. */
    const STORIES: Record<string, (storage: Storage) => Promise<unknown>> = {
      "a session is there again": async (storage) =>
        dataOf(storage, await signIn(storage, { theme: "dark" })),
      "nothing without a cookie": async (storage) => {
        const session = await storage.getSession();
        return [session.id, session.data, session.has("user"), session.get("user")];
      },
      "a value changed, another taken away": async (storage) => {
        const header = await signIn(storage, { theme: "dark", page: 7 });
        const session = await storage.getSession(header);
        session.set("theme", "light");
        session.unset("page");
        await storage.commitSession(session);
        return dataOf(storage, header);
      },
      "every JSON value": async (storage) => {
        const values = {
          a: null,
          b: [1, [2, { c: "Grüße 🍇" }]],
          d: { e: false, f: -1.5e300 },
          "": "",
          __proto__x: 0,
        };
        return dataOf(storage, await signIn(storage, values));
      },
      "a value changed where it is, and set again": async (storage) => {
        const header = await signIn(storage, { cart: { bottles: ["Riesling"] } });
        const session = await storage.getSession(header);
        const cart = session.get("cart") as { bottles: string[] };
        cart.bottles.push("Merlot");
        session.set("cart", cart);
        await storage.commitSession(session);
        return dataOf(storage, header);
      },
      "a flashed value is read once": async (storage) => {
        const header = await signIn(storage);
        const session = await storage.getSession(header);
        session.flash("notice", "Saved.");
        await storage.commitSession(session);
        const next = await storage.getSession(header);
        const seen = [next.has("notice"), next.get("notice"), next.get("notice")];
        await storage.commitSession(next);
        return [...seen, (await storage.getSession(header)).has("notice")];
      },
      "a session that was destroyed": async (storage) => {
        const header = await signIn(storage);
        const after = sentBack(await storage.destroySession(await storage.getSession(header)));
        return [after, await dataOf(storage, header)];
      },
      "saved twice from one read": async (storage) => {
        const header = await signIn(storage, { count: 1 });
        const session = await storage.getSession(header);
        for (const count of [2, 3]) {
          session.set("count", count);
          await storage.commitSession(session);
        }
        return dataOf(storage, header);
      },
      "a key that objects have by themselves": async (storage) => {
        const header = await signIn(storage);
        const session = await storage.getSession(header);
        session.set("__proto__", {});
        session.set("constructor", null);
        await storage.commitSession(session);
        return Object.entries(await dataOf(storage, header));
      },
      "a cookie that was changed": async (storage) => dataOf(storage, `${await signIn(storage)}x`),
      "a cookie of a browser that has others as well": async (storage) =>
        dataOf(storage, `a=b; ${await signIn(storage)}; c=d`),
    };

    it.each(Object.keys(STORIES))("%s", async (story) => {
      const tell = STORIES[story] as (storage: Storage) => Promise<unknown>;
      const reference = createMemorySessionStorage({ cookie }) as unknown as Storage;
      expect(await tell(storageWith())).toEqual(await tell(reference));
    });

    it("the cookie has the same attributes, whatever the caller says, and at its end", async () => {
      const attributes = (setCookie: string) => setCookie.split("; ").slice(1);
      const [ours, theirs] = [storageWith(), createMemorySessionStorage({ cookie })];
      for (const given of [undefined, { maxAge: 60 }, { secure: true, path: "/admin" }]) {
        const [mine, other] = [await ours.getSession(), await theirs.getSession()];
        mine.set("user", JASON);
        expect(attributes(await ours.commitSession(mine, given))).toEqual(
          attributes(await theirs.commitSession(other, given)),
        );
        expect(await ours.destroySession(mine, given)).toBe(await theirs.destroySession(other, given));
      }
    });
  });

  describe("what the engine gives beyond it", () => {
    it("E2: twenty requests that change twenty keys at once all win", async () => {
      const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
      const race = async (storage: Storage) => {
        const header = await signIn(storage);
        const read = await Promise.all(keys.map(() => storage.getSession(header)));
        read.forEach((session, i) => void session.set(keys[i] as string, i));
        await Promise.all(read.map((session) => storage.commitSession(session)));
        return Object.keys(await dataOf(storage, header)).filter((key) => keys.includes(key)).length;
      };
      expect(await race(storageWith())).toBe(20);
      expect(await race(createMemorySessionStorage({ cookie }) as unknown as Storage)).toBe(1);
    });

    it("E2: the later of two that change one key gets a conflict, or wins where the app says so", async () => {
      for (const [overwrite, answer] of [
        [[], "SessionConflictError"],
        [["cart"], "kept"],
        ["all", "kept"],
      ] as const) {
        const storage = storageWith({ overwrite });
        const header = await signIn(storage);
        const [first, second] = [await storage.getSession(header), await storage.getSession(header)];
        first.set("cart", ["Riesling"]);
        second.set("cart", ["Merlot"]);
        await storage.commitSession(first);
        const came = await storage.commitSession(second).then(
          () => "kept",
          (error) => error.name,
        );
        expect([overwrite, came]).toEqual([overwrite, answer]);
      }
    });

    it("two requests that read the same flashed value have no conflict", async () => {
      const storage = storageWith();
      const header = await signIn(storage, { __flash_notice__: "Saved." });
      const both = [await storage.getSession(header), await storage.getSession(header)];
      expect(both.map((session) => session.get("notice"))).toEqual(["Saved.", "Saved."]);
      for (const session of both) await storage.commitSession(session);
      expect((await storage.getSession(header)).has("notice")).toBe(false);
    });

    it("E3: a commit that comes after the end brings nothing back, and takes the cookie away", async () => {
      const late = async (storage: Storage) => {
        const header = await signIn(storage);
        const slow = await storage.getSession(header);
        await storage.destroySession(await storage.getSession(header));
        slow.set("late", true);
        const answer = sentBack(await storage.commitSession(slow));
        return { answer: answer !== "", data: Object.keys(await dataOf(storage, header)) };
      };
      expect(await late(storageWith())).toEqual({ answer: false, data: [] });
      expect(await countOpen()).toBe(0);
      const reference = createMemorySessionStorage({ cookie }) as unknown as Storage;
      expect(await late(reference)).toEqual({ answer: true, data: ["user", "late"] });
    });

    it("R4, E12: a cookie whose session is over is adopted by nobody: the next sign-in has an id of its own", async () => {
      const again = async (storage: Storage) => {
        const old = await signIn(storage);
        await storage.destroySession(await storage.getSession(old));
        const session = await storage.getSession(old);
        const header = await signIn(storage, {}, old);
        return {
          adopted: session.id !== "" || header === old,
          works: "user" in (await dataOf(storage, header)),
        };
      };
      expect(await again(storageWith())).toEqual({ adopted: false, works: true });
      const reference = createMemorySessionStorage({ cookie }) as unknown as Storage;
      expect(await again(reference)).toEqual({ adopted: true, works: true });
    });

    it("R4: a session that the app made up with an id of its own gets another", async () => {
      const storage = storageWith();
      const made = { ...(await storage.getSession()), id: "__libero_session=made-up", data: { user: JASON } };
      expect(sentBack(await storage.commitSession(made as never))).not.toContain("made-up");
      expect(await countOpen()).toBe(1);
    });

    it.each([
      ["another user", MARY],
      ["another role", { ...JASON, role: "Clerk" }],
    ])("R3, C4: %s begins another session, and the one before is over", async (_who, user) => {
      const storage = storageWith();
      const before = await signIn(storage, { theme: "dark" });
      const session = await storage.getSession(before);
      session.set("user", user);
      const after = sentBack(await storage.commitSession(session));
      expect(after).not.toBe(before);
      expect(await dataOf(storage, after)).toEqual({ user, theme: "dark" });
      expect(await dataOf(storage, before)).toEqual({});
      expect(await countOpen()).toBe(1);
    });

    it("R3: a session of another winery is another session", async () => {
      const storage = storageWith();
      const before = await signIn(storage);
      const session = await storage.getSession(before);
      session.set("winery", (await home.clients.install(aClient("spectra"))).id);
      const after = sentBack(await storage.commitSession(session));
      expect(await dataOf(storage, before)).toEqual({});
      expect(await dataOf(storage, after)).toHaveProperty("winery");
    });

    it("begun and destroyed in one request, it is over", async () => {
      const storage = storageWith();
      const session = await storage.getSession();
      session.set("user", JASON);
      const header = sentBack(await storage.commitSession(session));
      await storage.destroySession(session);
      expect(await dataOf(storage, header)).toEqual({});
    });

    it("what somebody changes and does not save is nobody else's", async () => {
      const storage = storageWith();
      const header = await signIn(storage, { cart: ["Riesling"] });
      for (let i = 0; i < 2; i++) ((await storage.getSession(header)).get("cart") as string[]).push("Merlot");
      expect(await dataOf(storage, header)).toHaveProperty("cart", ["Riesling"]);
    });

    it("what did not change is not written", async () => {
      const storage = storageWith();
      const header = await signIn(storage, { theme: "dark" });
      await storage.commitSession(await storage.getSession(header));
      const [{ id = "" } = {}] = await home.sessions.listOpen({ clientId }, nowMs, 1);
      expect((await home.sessions.find(id))?.session.revision).toBe(0);
    });

    it("a session is renewed with use, where its policy says so", async () => {
      const policy = { renewalLimitSeconds: 86_400, idleTimeoutSeconds: 0 };
      const storage = storageWith({ whose: () => ({ clientId, user: JASON, policy }) });
      const header = await signIn(storage);
      nowMs += 5 * HOUR;
      await storage.getSession(header);
      nowMs += 5 * HOUR;
      expect(await dataOf(storage, header)).toHaveProperty("user");
    });

    it("values are kept as JSON keeps them, as the framework's own files and cookies do", async () => {
      const storage = storageWith();
      const header = await signIn(storage, { at: new Date(0), nothing: undefined, number: Number.NaN });
      expect(await dataOf(storage, header)).toEqual({
        user: JASON,
        at: "1970-01-01T00:00:00.000Z",
        number: null,
      });
    });

    it("one session that is saved twice is one session", async () => {
      const storage = storageWith();
      const session = await storage.getSession();
      session.set("user", JASON);
      const first = sentBack(await storage.commitSession(session));
      session.set("theme", "dark");
      expect(sentBack(await storage.commitSession(session))).toBe(first);
      expect(await dataOf(storage, first)).toEqual({ user: JASON, theme: "dark" });
      expect(await countOpen()).toBe(1);
    });

    it("the two clocks are the engine's: idle and absolute, whatever the cookie says", async () => {
      const storage = storageWith();
      const header = await signIn(storage);
      nowMs += 2 * HOUR - 1;
      expect(await dataOf(storage, header)).toHaveProperty("user");
      nowMs += 2 * HOUR;
      expect(await dataOf(storage, header)).toEqual({});
    });

    it("R10: ended by anybody else, at once", async () => {
      const storage = storageWith();
      const header = await signIn(storage);
      await home.sessions.endAll({ clientId }, "revoked_by_admin");
      expect(await dataOf(storage, header)).toEqual({});
    });

    it("E1: the cookie carries a secret that the store does not have", async () => {
      const header = await signIn(storageWith());
      const content = Buffer.from(decodeURIComponent(header).slice("__session=".length), "base64").toString();
      const [, id = "", secret = ""] = /__libero_session=([\w-]{36})\.([\w-]{43})\./.exec(content) ?? [];
      const stored = await home.sessions.find(id);
      expect(stored?.session.user.id).toBe("jason");
      expect(secret).not.toBe("");
      expect(JSON.stringify(stored)).not.toContain(secret);
    });
  });

  describe("what it refuses, with an error that says what to do", () => {
    it("a session of nobody", async () => {
      const storage = storageWith();
      const session = await storage.getSession();
      session.set("theme", "dark");
      await expect(storage.commitSession(session)).rejects.toThrow(/is somebody's.*in a cookie session/);
      const signedIn = await storage.getSession(await signIn(storage));
      signedIn.unset("user");
      await expect(storage.commitSession(signedIn)).rejects.toThrow(/destroy it to sign them out/);
      expect(await countOpen()).toBe(1);
    });

    it("more data than a session may hold", async () => {
      const storage = storageWith();
      const session = await storage.getSession(await signIn(storage));
      session.set("text", "x".repeat(70_000));
      await expect(storage.commitSession(session)).rejects.toThrow(/at most 65536 are allowed/);
    });
  });

  describe("the strategy alone, as createSessionStorage takes it", () => {
    const alone = () =>
      createSessionStorage({ cookie, ...createAppSessionStrategy(options()) }) as unknown as Storage;

    it("saves what changed, and loses nothing beside others", async () => {
      const storage = alone();
      const header = await signIn(storage);
      const [first, second] = [await storage.getSession(header), await storage.getSession(header)];
      first.set("a", 1);
      second.set("b", 2);
      await storage.commitSession(first);
      await storage.commitSession(second);
      const { data } = await storage.getSession(header);
      expect(JSON.parse(JSON.stringify(data))).toEqual({ user: JASON, a: 1, b: 2 });
    });

    it("an unknown id is adopted by nobody, and an ended one not revived", async () => {
      const storage = alone();
      const header = await signIn(storage);
      const slow = await storage.getSession(header);
      await storage.destroySession(await storage.getSession(header));
      slow.set("late", true);
      await storage.commitSession(slow);
      await expect(signIn(storage, {}, header)).rejects.toThrow(/not known, or over/);
      expect(await countOpen()).toBe(0);
    });

    it("another user is refused, since the id could not change", async () => {
      const storage = alone();
      const session = await storage.getSession(await signIn(storage));
      session.set("user", MARY);
      await expect(storage.commitSession(session)).rejects.toThrow(/somebody else's/);
    });
  });
}
