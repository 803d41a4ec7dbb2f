import { EventEmitter, once } from "node:events";
import { promisify } from "node:util";
import session from "express-session";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ExpressSessionStore } from "../../app/lib/adapters/express-session";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openPostgres } from "../../app/lib/db/postgres";
import { keyOf } from "../../app/lib/http-sessions/key";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import type { HttpSessionStore } from "../../app/lib/http-sessions/store";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { HOUR } from "../support/examples";
import { Browser, startExpressApp } from "../support/express-session-app";
import { silentLogger } from "../support/silent-logger";
import { startGate } from "../support/tcp-gate";

type Callback = (error: unknown, answer?: unknown) => void;

/** Where we are other than MemoryStore on purpose: `docs/adapters/express-session.md` has the list. */
describe("express-session: what its MemoryStore does, and ours does not", () => {
  let database: TestDatabase;
  let gate: Awaited<ReturnType<typeof startGate>>;
  let db: ReturnType<typeof guardDatabase>;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { hostname: host, port } = new URL(database.url);
    gate = await startGate({ host, port: Number(port) });
    const url = new URL(database.url);
    url.port = String(gate.port);
    const options = { migrationsFolder: "supabase/migrations", logger: silentLogger };
    db = guardDatabase(openPostgres({ url: url.href, ...options }), silentLogger);
  });
  afterEach(async () => {
    vi.useRealTimers();
    gate.reopen();
    await database.sql.query("truncate public.http_sessions");
  });
  afterAll(async () => {
    await db.close();
    await gate.stop();
    await database.drop();
  });

  const ours = () => new ExpressSessionStore({ sessions: createSqlHttpSessionStore({ db }) });
  const cookie = { originalMaxAge: HOUR, expires: new Date(Date.now() + HOUR).toISOString() };
  const calls = (store: session.Store) => ({
    get: promisify(store.get.bind(store)) as unknown as (sid: string) => Promise<object | undefined>,
    set: promisify(store.set.bind(store)) as unknown as (sid: string, data: object) => Promise<void>,
    destroy: promisify(store.destroy.bind(store)),
    all: promisify((done: Callback) => store.all?.(done)) as () => Promise<object>,
  });
  const kinds = () => [new session.MemoryStore(), ours()] as const;

  /** A slow request that read its session before it ended, and answers after. */
  const slowRequest = async (store: session.Store, meanwhile: (browser: Browser) => Promise<unknown>) => {
    const app = await startExpressApp(store);
    const browser = new Browser(app.url);
    await browser.get("/set/a/1");
    const slow = new Browser(app.url);
    slow.cookie = browser.cookie;
    const { set } = store;
    store.set = (...args) => {
      store.set = set;
      void meanwhile(browser).then(() => set.apply(store, args));
    };
    await slow.get("/set/late/1");
    const { body } = await slow.get("/read");
    await app.close();
    return body.session;
  };

  it("E3: a late save brings no session back", async () => {
    const [reference, mine] = kinds();
    const destroy = (browser: Browser) => browser.get("/destroy");
    expect(await slowRequest(reference, destroy)).toMatchObject({ late: "1" });
    expect(await slowRequest(mine, destroy)).not.toHaveProperty("late");
  });

  it("E2: of twenty parallel requests that change twenty keys all win, on two instances", async () => {
    const kept = async (...stores: session.Store[]) => {
      const apps = await Promise.all(stores.map((store) => startExpressApp(store)));
      const browser = new Browser(apps[0]?.url as string);
      await browser.get("/set/a/1");
      const requests = Array.from({ length: 20 }, (_, n) => {
        const one = new Browser(apps[n % apps.length]?.url as string);
        one.cookie = browser.cookie;
        return one.get(`/set/key-${n}/1`);
      });
      await Promise.all(requests);
      const { body } = await browser.get("/read");
      await Promise.all(apps.map((app) => app.close()));
      return Object.keys(body.session).filter((key) => key.startsWith("key-")).length;
    };
    const [reference, mine] = kinds();
    // How many the reference keeps is a matter of chance; in one process, none waiting for another, it may be all.
    expect(await kept(reference)).toBeLessThanOrEqual(20);
    expect(await kept(mine, ours())).toBe(20);
  });

  it("E2: of two requests that overlap the reference keeps the later one's keys alone", async () => {
    const [reference, mine] = kinds();
    const other = (browser: Browser) => browser.get("/set/other/1");
    expect(await slowRequest(reference, other)).not.toHaveProperty("other");
    expect(await slowRequest(mine, other)).toMatchObject({ a: "1", other: "1", late: "1" });
  });

  it("E2: nor does a session that was just made undo what others did to it", async () => {
    for (const [store, expected] of [
      [new session.MemoryStore(), { b: 2 }],
      [ours(), { b: 2, other: 1 }],
    ] as const) {
      const { get, set } = calls(store);
      const made = { cookie };
      await set("id", made);
      await set("id", Object.assign((await get("id")) as object, { other: 1 }));
      await set("id", Object.assign(made, { b: 2 }));
      expect(await get("id")).toEqual({ cookie, ...expected });
    }
  });

  it("E3: an id that ended is none that could be used again", async () => {
    for (const [store, found] of [
      [new session.MemoryStore(), true],
      [ours(), false],
    ] as const) {
      const { get, set, destroy } = calls(store);
      await set("id", { cookie, n: 1 });
      await destroy("id");
      await set("id", { cookie, n: 2 });
      expect((await get("id")) !== undefined).toBe(found);
    }
  });

  it("E1: all names sessions by the hashes of their ids", async () => {
    const [reference, mine] = kinds();
    for (const [store, key] of [
      [reference, "id"],
      [mine, keyOf("id")],
    ] as const) {
      const { set, all } = calls(store);
      await set("id", { cookie, n: 1 });
      expect(await all()).toEqual({ [key]: { cookie, n: 1 } });
    }
  });

  it("D3: without an end in its cookie a session lasts 24 hours since its last use, and not for ever", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (const [store, found] of [
      [new session.MemoryStore(), true],
      [ours(), false],
    ] as const) {
      vi.setSystemTime(new Date());
      const { get, set } = calls(store);
      const touch = promisify((used: session.SessionData, done: Callback) =>
        store.touch?.("id", used, done as never),
      );
      await set("id", { cookie: { expires: null }, n: 1 });
      vi.setSystemTime(Date.now() + 23 * HOUR);
      const used = (await get("id")) as session.SessionData;
      await touch(used);
      vi.setSystemTime(Date.now() + 23 * HOUR);
      expect(await get("id")).toMatchObject({ n: 1 });
      vi.setSystemTime(Date.now() + 2 * HOUR);
      expect((await get("id")) !== undefined).toBe(found);
    }
  });

  it("a lifetime does not wear away: the milliseconds between two looks at the clock are no change", async () => {
    for (const [store, expected] of [
      [new session.MemoryStore(), HOUR - 10],
      [ours(), HOUR],
    ] as const) {
      const { get, set } = calls(store);
      await set("id", { cookie, n: 1 });
      for (let n = 1; n <= 10; n += 1) {
        const used = (await get("id")) as session.SessionData;
        used.cookie.originalMaxAge = (used.cookie.originalMaxAge as number) - 1;
        await set("id", used);
      }
      expect(await get("id")).toMatchObject({ cookie: { originalMaxAge: expected } });
    }
  });

  it("text that PostgreSQL cannot keep is refused, by the name of its key", async () => {
    const [reference, mine] = kinds();
    await calls(reference).set("id", { cookie, text: "\0" });
    await expect(calls(mine).set("id", { cookie, text: "\0" })).rejects.toThrow(/"text".*NUL/);
  });

  it("data that could not be read back are refused, by the name of their key, and what is no object", async () => {
    const deep = JSON.parse(`${"[".repeat(2_000)}${"]".repeat(2_000)}`);
    const [reference, mine] = kinds();
    await calls(reference).set("id", { cookie, deep });
    await calls(mine).set("id", { cookie, n: 1 });
    await expect(calls(mine).set("id", { cookie, deep })).rejects.toThrow(/"deep".*500 levels/);
    expect(await calls(mine).get("id")).toEqual({ cookie, n: 1 });
    await calls(reference).set("id", [1]);
    expect(await calls(reference).get("id")).toEqual([1]);
    for (const other of [[1], "text", 1, null]) {
      await expect(calls(mine).set("id", other as object)).rejects.toThrow("it is not an object");
    }
    // Deeper than JavaScript can write: at once, as there.
    let deepest: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deepest = [deepest];
    expect(() => reference.set("id", { cookie, deepest } as never)).toThrow(RangeError);
    expect(() => mine.set("id", { cookie, deepest } as never)).toThrow(/nested too deep, or too large/);
    expect(await calls(mine).get("id")).toEqual({ cookie, n: 1 });
  });

  it("callbacks come when there is an answer: of different sessions not in the order of the calls", async () => {
    const sessions = createSqlHttpSessionStore({ db });
    const answers = new EventEmitter();
    const slow: HttpSessionStore = {
      ...sessions,
      get: async (sid) => {
        if (sid === "one") await once(answers, "two");
        return sessions.get(sid);
      },
    };
    for (const [store, expected] of [
      [new session.MemoryStore(), ["one", "two"]],
      [new ExpressSessionStore({ sessions: slow }), ["two", "one"]],
    ] as const) {
      const order: string[] = [];
      const answered = (id: string) => {
        order.push(id);
        answers.emit(id);
      };
      await Promise.all(
        ["one", "two"].map((id) =>
          calls(store)
            .get(id)
            .then(() => answered(id)),
        ),
      );
      expect(order).toEqual(expected);
    }
  });

  it("a session that expires while the database is asked is not handed out", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (const [store, found] of [
      [new session.MemoryStore(), true],
      [ours(), false],
    ] as const) {
      const { get, set } = calls(store);
      const expires = new Date(Date.now() + HOUR).toISOString();
      await set("short", { cookie: { expires } });
      const asked = get("short");
      vi.setSystemTime(Date.now() + HOUR);
      expect((await asked) !== undefined).toBe(found);
    }
  });

  it("a key that a request takes away and puts back keeps its place", async () => {
    for (const [store, expected] of [
      [new session.MemoryStore(), "cookie,b,a"],
      [ours(), "cookie,a,b"],
    ] as const) {
      const { get, set } = calls(store);
      await set("id", { cookie, a: 1, b: 1 });
      const read = (await get("id")) as Record<string, unknown>;
      Reflect.deleteProperty(read, "a");
      await set("id", Object.assign(read, { a: 2 }));
      expect(Object.keys((await get("id")) as object).join()).toBe(expected);
    }
  });

  it("an end comes back as ISO 8601 once it has rolled, and lies before the year 10000", async () => {
    const late = "+012345-01-01T00:00:00.000Z";
    for (const [store, isKept] of [
      [new session.MemoryStore(), true],
      [ours(), false],
    ] as const) {
      const { get, set } = calls(store);
      const [firstMs, rolledMs] = [Date.now() + HOUR, Date.now() + 2 * HOUR];
      await set("id", { cookie: { expires: firstMs } });
      const used = (await get("id")) as session.SessionData;
      expect(used.cookie.expires).toBe(firstMs);
      used.cookie.expires = rolledMs as never;
      await promisify((done: Callback) => store.touch?.("id", used, done as never))();
      const rolled = isKept ? rolledMs : new Date(rolledMs).toISOString();
      expect(await get("id")).toEqual({ cookie: { expires: rolled } });
      await set("far", { cookie: { expires: late } });
      expect(await get("far")).toEqual({ cookie: { expires: isKept ? late : "9999-12-31T23:59:59.999Z" } });
    }
  });

  it("a callback may be left out of every call", async () => {
    const [reference, mine] = kinds();
    const get = (store: session.Store) => Reflect.apply(store.get, store, ["id"]);
    expect(() => get(reference)).toThrow(/callback/);
    get(mine);
    mine.all();
    mine.length();
    // It answers when the calls before it are over.
    await promisify((done: Callback) => mine.clear(done))();
  });

  it("sessions are no property of the store", () => {
    const [reference, mine] = kinds();
    expect(reference).toHaveProperty("sessions");
    expect(mine).not.toHaveProperty("sessions");
  });

  it("D5, R31: while the database is away requests pass without a session; when it is back, none is lost", async () => {
    const mine = ours();
    const events: string[] = [];
    for (const event of ["connect", "disconnect"]) mine.on(event, () => events.push(event));
    const app = await startExpressApp(mine);
    const browser = new Browser(app.url);
    await browser.get("/set/a/1");
    gate.shut();
    // Whoever is the first to notice gets an error, which names no address.
    expect(await browser.get("/read")).toMatchObject({ status: 500 });
    await vi.waitFor(() => expect(events).toEqual(["disconnect"]));
    expect(await browser.get("/read")).toEqual({ status: 200, body: { session: null }, setCookie: null });
    gate.reopen();
    // Nobody asks meanwhile but the store itself.
    await vi.waitFor(() => expect(events).toEqual(["disconnect", "connect"]), 5_000);
    expect((await browser.get("/read")).body.session).toMatchObject({ a: "1" });
    await app.close();
  });

  it("one broken connection is no outage", async () => {
    const mine = ours();
    const events: string[] = [];
    mine.on("disconnect", () => events.push("disconnect"));
    const sessions = createSqlHttpSessionStore({ db });
    const { set } = calls(mine);
    gate.shut();
    gate.reopen();
    await set("id", { cookie }).catch(() => undefined);
    await vi.waitFor(async () => expect(await sessions.get("id")).toBeUndefined(), 5_000);
    expect(events).toEqual([]);
  });
});
