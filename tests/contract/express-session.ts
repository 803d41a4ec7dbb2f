import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import session from "express-session";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ExpressSessionStore } from "../../app/lib/adapters/express-session";
import { keyOf } from "../../app/lib/http-sessions/key";
import { HOUR, NOW } from "../support/examples";
import { Browser, startExpressApp } from "../support/express-session-app";
import type { HttpStores, OpenHttpStores } from "../support/http-stores";

/** The reference, and ours beside it: the same calls, the same answers. */
export function describeExpressSession(name: string, open: OpenHttpStores) {
  describe(`express-session beside its MemoryStore: ${name}`, () => {
    let stores: HttpStores;
    beforeAll(async () => {
      stores = await open();
    });
    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: NOW });
      await stores.instances[0].clear();
    });
    afterEach(() => void vi.useRealTimers());
    afterAll(() => stores.close());

    const ours = (at = 0) => new ExpressSessionStore({ sessions: stores.instances[at] as never });
    const both = () => [new session.MemoryStore(), ours()] as const;

    describe("D3: called directly", () => {
      /** What a callback gets, and when: never before the caller goes on. */
      const call = (store: session.Store, method: string, ...args: unknown[]) =>
        new Promise<unknown[]>((resolve) => {
          let returned = false;
          // biome-ignore lint/suspicious/noExplicitAny: methods by name
          (store as any)[method](...args, (...answer: unknown[]) => resolve([returned, ...answer]));
          returned = true;
        });

      const cookie = (ms: number | null, more = {}) => {
        const made = new (session.Cookie as unknown as new (options: object) => session.Cookie)({
          maxAge: ms ?? undefined,
          ...more,
        });
        return made;
      };

      type Step = [method: string, ...args: unknown[]] | { wait: number };

      type How = { atOnce: boolean };

      /**
       * The answers of a store to calls, one after another, or all at once. Ids are the caller's; `all` is keyed as
       * ours is.
       */
      const answersOf = async (store: session.Store, steps: Step[], run: string, { atOnce }: How) => {
        const answers: unknown[] = [];
        const answerTo = async (method: string, sid: unknown, args: unknown[]) => {
          const ids = sid === undefined ? [] : [`${run} ${sid}`];
          const [returned, error, answer, ...rest] = await call(store, method, ...ids, ...args);
          const keyed =
            method === "all" && store instanceof session.MemoryStore
              ? Object.fromEntries(Object.entries(answer as object).map(([id, data]) => [keyOf(id), data]))
              : answer;
          return [method, returned, error, method === "all" ? { ...(keyed as object) } : keyed, rest];
        };
        for (const step of steps) {
          if (!Array.isArray(step)) {
            vi.setSystemTime(Date.now() + step.wait);
            continue;
          }
          const [method, sid, ...args] = step;
          const answering = answerTo(method, sid, args);
          answers.push(atOnce ? answering : await answering);
        }
        const answered = await Promise.all(answers);
        vi.setSystemTime(NOW);
        return answered;
      };
      const compare = async (steps: Step[], how: How = { atOnce: false }) => {
        await stores.instances[0].clear();
        const run = randomUUID();
        const [reference, mine] = both();
        const expected = await answersOf(reference, steps, run, how);
        expect(await answersOf(mine, steps, run, how)).toEqual(expected);
        return expected;
      };

      it("get, set, destroy, touch, all, length and clear", async () => {
        const answers = await compare([
          ["get", "a"],
          ["length"],
          ["all"],
          ["touch", "a", { cookie: cookie(HOUR) }],
          ["destroy", "a"],
          ["set", "b", { cookie: cookie(HOUR), name: "tj", list: [1, { x: null }] }],
          ["get", "b"],
          ["length"],
          ["all"],
          ["set", "b", { cookie: cookie(2 * HOUR), other: true }],
          ["get", "b"],
          ["touch", "b", { cookie: cookie(24 * HOUR), ignored: true }],
          ["get", "b"],
          ["set", "c", { cookie: cookie(1_000) }],
          { wait: 999 },
          ["length"],
          ["get", "c"],
          { wait: 1 },
          ["get", "c"],
          ["length"],
          ["all"],
          ["touch", "c", { cookie: cookie(HOUR) }],
          ["get", "c"],
          ["destroy", "b"],
          ["get", "b"],
          ["set", "d", { cookie: cookie(HOUR) }],
          ["clear"],
          ["length"],
          ["get", "d"],
        ]);
        // Each answer comes after the caller has gone on; those that bring nothing bring nothing at all.
        expect(answers[0]).toEqual(["get", true, null, undefined, []]);
        expect(answers[5]).toEqual(["set", true, undefined, undefined, []]);
      });

      it.each<[string, Step[]]>([
        [
          "no cookie",
          [
            ["set", "a", { x: 1 }],
            ["get", "a"],
            ["touch", "a", {}],
            ["get", "a"],
          ],
        ],
        [
          "a cookie of the browser's session",
          [["set", "a", { cookie: cookie(null) }], ["get", "a"], { wait: 23 * HOUR }, ["get", "a"]],
        ],
        [
          "every attribute",
          [
            [
              "set",
              "a",
              {
                cookie: cookie(HOUR, {
                  sameSite: "none",
                  secure: true,
                  domain: "x.test",
                  path: "/p",
                  priority: "high",
                  partitioned: true,
                  httpOnly: false,
                }),
              },
            ],
            ["get", "a"],
          ],
        ],
        [
          "a lifetime that became shorter",
          [
            ["set", "a", { cookie: cookie(HOUR) }],
            ["touch", "a", { cookie: cookie(1_000) }],
            ["get", "a"],
            { wait: 1_000 },
            ["get", "a"],
            ["length"],
          ],
        ],
        [
          "a lifetime that became longer",
          [
            ["set", "a", { cookie: cookie(1_000) }],
            ["touch", "a", { cookie: cookie(HOUR) }],
            { wait: 1_000 },
            ["get", "a"],
            ["length"],
          ],
        ],
        [
          "a lifetime that was taken away, and came back",
          [
            ["set", "a", { cookie: cookie(1_000) }],
            ["touch", "a", { cookie: cookie(null) }],
            { wait: 2_000 },
            ["get", "a"],
            ["touch", "a", { cookie: cookie(HOUR) }],
            ["get", "a"],
          ],
        ],
        ["one that is over already", [["set", "a", { cookie: cookie(-1) }], ["get", "a"], ["length"]]],
        [
          "an end as a number, and as nonsense",
          [
            ["set", "a", { cookie: { expires: NOW + HOUR } }],
            ["length"],
            ["set", "b", { cookie: { expires: "soon" } }],
            ["get", "b"],
          ],
        ],
      ])("D3: cookies: %s", async (_what, steps) => {
        await compare(steps);
      });

      it.each([
        ["one after another", { atOnce: false }],
        ["none waiting for another", { atOnce: true }],
      ])("any calls in any order, but for what comes after an end: %s", async (_what, how) => {
        const sid = fc.constantFrom("a", "b", "c");
        const maxAge = fc.constantFrom(null, 1_000, HOUR, 24 * HOUR);
        const value = fc.jsonValue();
        const step = fc.oneof(
          fc.tuple(fc.constant("get"), sid),
          fc.tuple(
            fc.constant("set"),
            sid,
            fc.tuple(maxAge, value).map(([ms, v]) => ({ cookie: { ms }, v })),
          ),
          fc.tuple(
            fc.constant("touch"),
            sid,
            maxAge.map((ms) => ({ cookie: { ms } })),
          ),
          fc.tuple(fc.constant("destroy"), sid),
          fc.constantFrom(["length"], ["all"], ["clear"]),
          fc.constant({ wait: 600 }),
        );
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), async (drawn) => {
            // Only what waits lets time pass.
            const steps = how.atOnce ? drawn.filter((step) => Array.isArray(step)) : drawn;
            await compare(withFreshIds(steps as never), how);
          }),
          { numRuns: name === "PostgreSQL" ? 12 : 4 },
        );
      });

      /** Ids are never used twice: after an end, or once it may have expired, the next one of that name is another. */
      function withFreshIds(
        steps: ([string, string?, { cookie: { ms: number | null } }?] | { wait: number })[],
      ): Step[] {
        const uses: Record<string, number> = {};
        let [round, waitedMs] = [0, 0];
        return steps.map((step) => {
          if (!Array.isArray(step)) {
            round += 1;
            waitedMs += step.wait;
            return step;
          }
          const [method, sid, given] = step;
          if (method === "clear") round += 1;
          if (sid === undefined) return [method];
          const id = `${sid} ${uses[sid] ?? 0} ${method === "set" ? round : "?"}`;
          const name = method === "set" ? id : `${sid} ${uses[sid] ?? 0} ${round}`;
          if (method === "destroy") uses[sid] = (uses[sid] ?? 0) + 1;
          return given
            ? [method, name, { ...given, cookie: cookie(given.cookie.ms && given.cookie.ms + waitedMs) }]
            : [method, name];
        });
      }

      const kept: Step[] = [["set", "a", { cookie: cookie(HOUR), n: 1 }]];
      it.each<[string, Step[]]>([
        [
          "get, then destroy",
          [
            ["get", "a"],
            ["destroy", "a"],
            ["get", "a"],
          ],
        ],
        [
          "get, then set, then get",
          [
            ["get", "a"],
            ["set", "a", { cookie: cookie(HOUR), n: 2 }],
            ["get", "a"],
          ],
        ],
        [
          "get, then touch, then get",
          [
            ["get", "a"],
            ["touch", "a", { cookie: cookie(2 * HOUR) }],
            ["get", "a"],
          ],
        ],
        ["get, then clear", [["get", "a"], ["clear"], ["get", "a"]]],
        ["length, then clear", [["length"], ["clear"], ["length"]]],
        ["length, then destroy", [["length"], ["destroy", "a"], ["length"]]],
        ["length, then set", [["length"], ["set", "b", { cookie: cookie(HOUR) }], ["length"]]],
        ["all, then destroy", [["all"], ["destroy", "a"], ["all"]]],
        ["all, then clear", [["all"], ["clear"], ["all"]]],
        ["all, then set", [["all"], ["set", "a", { cookie: cookie(HOUR), n: 2 }], ["all"]]],
        [
          "set, then get, then destroy",
          [
            ["set", "a", { cookie: cookie(HOUR), n: 2 }],
            ["get", "a"],
            ["destroy", "a"],
          ],
        ],
        ["set, then clear, then length", [["set", "b", { cookie: cookie(HOUR) }], ["clear"], ["length"]]],
        [
          "clear, then set, then all",
          [["clear"], ["set", "b", { cookie: cookie(HOUR) }], ["all"], ["get", "b"]],
        ],
        ["destroy, then get, then length", [["destroy", "a"], ["get", "a"], ["length"]]],
        [
          "touch, then get, then destroy",
          [
            ["touch", "a", { cookie: cookie(1_000) }],
            ["get", "a"],
            ["destroy", "a"],
          ],
        ],
      ])("calls that are not awaited answer as of the call: %s", async (_what, steps) => {
        await compare([...kept, ...steps], { atOnce: true });
      });

      it("an id is a property's key: what is no string is written as one", async () => {
        const ids = [7, null, undefined, true, { toString: () => "made" }, ["a"], 1e21, "__proto__"];
        for (const store of both()) {
          const get = promisify(store.get.bind(store)) as unknown as (
            sid: unknown,
          ) => Promise<object | undefined>;
          for (const [n, id] of ids.entries()) {
            store.set(id as never, { cookie: cookie(HOUR), n } as never);
            for (const same of [id, `${id}`]) expect(await get(same)).toMatchObject({ n });
            store.touch?.(id as never, { cookie: cookie(2 * HOUR) } as never);
            expect(await get(id)).toMatchObject({ cookie: { originalMaxAge: 2 * HOUR } });
            store.destroy(id as never);
            expect(await get(`${id}`)).toBeUndefined();
          }
        }
      });

      it("writes take effect in the order in which they are made, though nobody waits, and reads see them", async () => {
        for (const store of both()) {
          const get = promisify(store.get.bind(store)) as (sid: string) => Promise<unknown>;
          const length = promisify((done: (error: unknown, n?: number) => void) => store.length?.(done));
          const [sid, another] = [randomUUID(), randomUUID()];
          for (let n = 0; n < 10; n += 1) store.set(sid, { cookie: cookie(HOUR), n } as never);
          expect(await get(sid)).toMatchObject({ n: 9 });
          store.set(another, { cookie: cookie(HOUR) } as never);
          expect(await length()).toBe(2);
          store.set(sid, { cookie: cookie(HOUR), n: 10 } as never);
          store.destroy(sid);
          expect(await get(sid)).toBeUndefined();
          const after = randomUUID();
          store.clear?.();
          store.set(after, { cookie: cookie(HOUR), n: 1 } as never);
          expect(await get(after)).toMatchObject({ n: 1 });
          expect(await length()).toBe(1);
          await promisify(store.destroy.bind(store))(after);
        }
      });

      it("a session is kept as it was at the call, whatever becomes of the object", async () => {
        for (const store of both()) {
          const sid = randomUUID();
          const mine = { cookie: cookie(HOUR), list: [1] };
          store.set(sid, mine as never);
          mine.list.push(2);
          const get = promisify(store.get.bind(store)) as unknown as (
            sid: string,
          ) => Promise<{ list: number[] }>;
          const found = await get(sid);
          found.list.push(3);
          expect((await get(sid)).list).toEqual([1]);
        }
      });

      it("a change deep within is saved, and an end that is moved back by hand counts, in a save and in a touch", async () => {
        for (const store of both()) {
          const sid = randomUUID();
          const get = promisify(store.get.bind(store)) as unknown as (
            sid: string,
          ) => Promise<{ cart: { items: number[] }; cookie: { expires: string } }>;
          store.set(sid, { cookie: cookie(5 * HOUR), cart: { items: [1] } } as never);
          const found = await get(sid);
          found.cart.items.push(2);
          store.set(sid, found as never);
          const again = await get(sid);
          expect(again.cart.items).toEqual([1, 2]);
          const ends: string[] = [];
          for (const [hours, method] of [
            [2, "touch"],
            [1, "set"],
          ] as const) {
            const sooner = await get(sid);
            sooner.cookie.expires = new Date(NOW + hours * HOUR).toISOString();
            store[method]?.(sid, sooner as never);
            ends.push((await get(sid)).cookie.expires);
          }
          expect(ends.map((end) => Date.parse(end) - NOW)).toEqual([2 * HOUR, HOUR]);
        }
      });

      it("one object may be saved under two ids, and a touch by whoever read it earlier changes no data", async () => {
        for (const store of both()) {
          const [one, two] = [randomUUID(), randomUUID()];
          const get = promisify(store.get.bind(store)) as unknown as (sid: string) => Promise<{ n: number }>;
          const mine = { cookie: cookie(HOUR), n: 1 };
          store.set(one, mine as never);
          expect((await get(one)).n).toBe(1);
          store.set(two, mine as never);
          const early = await get(two);
          expect(early.n).toBe(1);
          store.set(two, { ...(await get(two)), n: 2 } as never);
          Object.assign(early, { cookie: cookie(2 * HOUR), n: 3 });
          store.touch?.(two, early as never);
          const late = await get(two);
          expect(late).toMatchObject({ n: 2, cookie: { originalMaxAge: 2 * HOUR } });
          store.set(two, { ...late, n: 4 } as never);
          store.touch?.(two, late as never);
          expect((await get(two)).n).toBe(4);
        }
      });

      it("callbacks may be left out, and what cannot be written as JSON is thrown at once", async () => {
        for (const store of both()) {
          const sid = randomUUID();
          store.set(sid, { cookie: cookie(HOUR) } as never);
          store.touch?.(sid, { cookie: cookie(HOUR) } as never);
          store.destroy(sid);
          store.clear?.();
          expect(() => store.set(sid, { cookie: cookie(HOUR), big: 1n } as never)).toThrow(/BigInt/);
          await promisify(store.destroy.bind(store))(sid);
        }
      });
    });

    describe("D3: behind the middleware", () => {
      type Step =
        | string
        | { wait: number }
        | { forge: string }
        | { path: string; headers: Record<string, string> };

      const VISIT: Step[] = [
        ...["/read", "/read", "/set/theme/dark", "/read", "/read"],
        ...[{ wait: 1_000 }, "/read", "/set/theme/dark", "/unset/theme", "/read", "/save-twice", "/read"],
        ...["/reload", "/read", "/max-age/5000", "/read", { wait: 4_000 }, "/read", { wait: 4_500 }, "/read"],
        ...[
          { wait: 6_000 },
          "/read",
          "/set/again/1",
          "/read",
          "/max-age/null",
          "/read",
          { wait: 10_000 },
          "/read",
        ],
        ...["/regenerate", "/read", "/set/a/1", "/destroy", "/read", "/set/b/2", "/drop", "/read"],
        ...[{ forge: "s:chosen-by-me.wrong" }, "/set/c/3", "/read", { forge: "chosen-by-me" }, "/read"],
      ];

      /** What a browser sees, its ids named in the order in which they came. */
      const visit = async (store: session.Store, options: Partial<session.SessionOptions>, steps = VISIT) => {
        const events: string[] = [];
        for (const event of ["connect", "disconnect"]) store.on(event, () => events.push(event));
        const app = await startExpressApp(store, options);
        const browser = new Browser(app.url);
        const ids: string[] = [];
        const seen: unknown[] = [];
        for (const step of steps) {
          if (typeof step === "object" && "wait" in step) vi.setSystemTime(Date.now() + step.wait);
          else if (typeof step === "object" && "forge" in step)
            browser.cookie = `connect.sid=${encodeURIComponent(step.forge)}`;
          else {
            const [path, headers] = typeof step === "string" ? [step, {}] : [step.path, step.headers];
            const { setCookie, ...answer } = await browser.get(path, headers);
            if (setCookie && !ids.includes(browser.sid)) ids.push(browser.sid);
            const attributes = setCookie?.split("; ").slice(1);
            seen.push([path, answer, setCookie && `session ${ids.indexOf(browser.sid)}`, attributes]);
          }
        }
        await app.close();
        vi.setSystemTime(NOW);
        return { seen, events };
      };
      const compare = async (options: Partial<session.SessionOptions>, steps?: Step[]) => {
        const [reference, mine] = both();
        const expected = await visit(reference, options, steps);
        expect(await visit(mine, options, steps)).toEqual(expected);
        return expected.seen as [
          string,
          { status: number; body: Record<string, unknown> },
          string?,
          string[]?,
        ][];
      };

      const choices = [false, true].flatMap((resave) =>
        [false, true].flatMap((saveUninitialized) =>
          [false, true].map((rolling) => ({ resave, saveUninitialized, rolling })),
        ),
      );
      const tried = name === "PostgreSQL" ? choices : choices.slice(-1);
      it.each(tried)(
        "resave $resave, saveUninitialized $saveUninitialized, rolling $rolling",
        async (options) => {
          const unset = options.resave ? "destroy" : "keep";
          await compare({ ...options, unset, cookie: { maxAge: 24 * HOUR } });
        },
      );

      it("a cookie that ends with the browser; one made for each request; ids of the app's own", async () => {
        await compare({});
        let n = 0;
        const genid = () => `${randomUUID()} ${n++}`;
        await compare({ genid, rolling: true, cookie: () => ({ maxAge: HOUR, sameSite: "lax" }) } as never);
      });

      it("D7: SameSite=None, a domain and a trusted proxy", async () => {
        const cookie = { maxAge: HOUR, sameSite: "none", secure: "auto", domain: "example.com" } as const;
        const https = { path: "/set/a/1", headers: { "x-forwarded-proto": "https" } };
        const seen = await compare({ proxy: true, cookie }, [https, "/read", "/set/b/2"]);
        expect(seen[0]?.[3]).toEqual(
          expect.arrayContaining(["Domain=example.com", "Secure", "SameSite=None"]),
        );
      });

      it("an error of the store's is the request's, as the reference's would be", async () => {
        for (const store of both()) {
          const app = await startExpressApp(store);
          const browser = new Browser(app.url);
          await browser.get("/set/a/1");
          (store as session.Store).get = (_sid, callback) => void setImmediate(callback, new Error("away"));
          expect(await browser.get("/read")).toMatchObject({ status: 500, body: { error: "away" } });
          await app.close();
        }
      });

      it("R4, E12: an id that the client chose, signed or not, is never taken over", async () => {
        const mine = ours();
        const set = vi.spyOn(mine, "set");
        const app = await startExpressApp(mine, { saveUninitialized: true, resave: true });
        const browser = new Browser(app.url);
        await browser.get("/set/a/1");
        const stolen = browser.cookie as string;
        await browser.get("/destroy");
        // Signed by us, known no more.
        browser.cookie = stolen;
        const before = browser.sid;
        await browser.get("/set/b/2");
        expect(browser.sid).not.toBe(before);
        expect(set.mock.calls.map(([sid]) => sid).slice(1)).not.toContain(before);
        await app.close();
      });
    });
  });
}
