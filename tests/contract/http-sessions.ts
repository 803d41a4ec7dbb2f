import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../app/lib/base/json";
import { MAX_LEVELS } from "../../app/lib/http-sessions/data-check";
import { keyOf } from "../../app/lib/http-sessions/key";
import {
  type HttpSession,
  HttpSessionDataError,
  type HttpSessionStore,
} from "../../app/lib/http-sessions/store";
import { HOUR, NOW } from "../support/examples";
import type { HttpStores, OpenHttpStores } from "../support/http-stores";

/** What every store of HTTP sessions promises: the comments of `app/lib/http-sessions/store.ts`, as tests. */
export function describeHttpSessions(name: string, open: OpenHttpStores) {
  describe(`HTTP sessions: ${name}`, () => {
    const time = { now: NOW };
    let stores: HttpStores;
    let here: HttpSessionStore;
    let there: HttpSessionStore;
    let sid: string;
    beforeAll(async () => {
      stores = await open(() => time.now);
      [here, there] = stores.instances;
    });
    beforeEach(async () => {
      time.now = NOW;
      sid = randomUUID();
      await here.clear();
    });
    afterAll(() => stores.close());

    const aSession = (data: JsonObject = {}, expiresAtMs = NOW + 24 * HOUR): HttpSession => ({
      data,
      expiresAtMs,
    });
    /** Makes a session. @returns it as it was read */
    const begun = async (data: JsonObject = {}, expiresAtMs?: number) => {
      expect(await here.set(sid, aSession(data, expiresAtMs))).toBe(true);
      return (await here.get(sid)) as HttpSession;
    };
    const change = (base: HttpSession, data: object) => ({
      ...base,
      data: { ...base.data, ...data },
      base,
    });

    it("keeps every JSON value as it is, in the order of its keys", async () => {
      const data = {
        ...{ b: [], a: {}, "": null, "10": "€ \u0001 \\u0000 😀", z: [null, { y: 1, x: [] }] },
        ...JSON.parse('{"__proto__":{"own":true}}'),
        numbers: [0, -1.5, 1e21, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER],
      };
      const session = await begun(data);
      expect(JSON.stringify(session.data)).toBe(JSON.stringify(data));
      expect(session.expiresAtMs).toBe(NOW + 24 * HOUR);
      expect(JSON.stringify((await there.get(sid))?.data)).toBe(JSON.stringify(data));
    });

    it.each([
      ["NUL", { ok: 1, bad: [{ deep: "\0" }] }],
      ["half of a surrogate pair", { ok: 1, bad: "\ud800" }],
      ["NUL in a nested key", { ok: 1, bad: { "\0": 1 } }],
    ])(
      "refuses what a database cannot keep, by the name of its key, and loses nothing: %s",
      async (_what, bad) => {
        const base = await begun({ ok: 0 });
        await expect(here.set(sid, aSession(bad as JsonObject))).rejects.toThrow(/"bad".*cannot keep \(NUL/);
        await expect(here.set(sid, change(base, bad))).rejects.toThrow(/"bad"/);
        expect((await here.get(sid))?.data).toEqual({ ok: 0 });
      },
    );

    /** Something inside so many levels of objects and lists. */
    const nested = (levels: number) => {
      let value: Json = "inside";
      for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { in: value };
      return value;
    };

    it("reads back and changes data that are nested as deep as they may be", async () => {
      // The data themselves are a level, too.
      const deepest = nested(MAX_LEVELS - 1);
      const base = await begun({ deepest, n: 1 });
      expect(JSON.stringify(base.data)).toBe(JSON.stringify({ deepest, n: 1 }));
      expect(await there.set(sid, change(base, { n: 2 }))).toBe(true);
      expect(await there.set(sid, change(base, { deepest: nested(MAX_LEVELS - 2), other: deepest }))).toBe(
        true,
      );
      const { data } = (await here.get(sid)) as HttpSession;
      expect(JSON.stringify(data)).toBe(
        JSON.stringify({ deepest: nested(MAX_LEVELS - 2), n: 2, other: deepest }),
      );
      expect(await there.length()).toBe(1);
    });

    it.each([MAX_LEVELS, 2_000, 10_000, 1_000_000])(
      "refuses what is nested too deep to be read back, by the name of its key, and loses nothing: %i levels",
      async (levels) => {
        const base = await begun({ ok: 0 });
        const bad = { ok: 1, bad: nested(levels) };
        const complaint =
          /^a session cannot keep "bad": it is nested more than 500 levels deep, or contains itself$/;
        await expect(here.set(sid, aSession(bad))).rejects.toThrow(complaint);
        await expect(here.set(sid, change(base, bad))).rejects.toThrow(complaint);
        await expect(here.set(randomUUID(), aSession(bad))).rejects.toThrow(HttpSessionDataError);
        expect((await here.get(sid))?.data).toEqual({ ok: 0 });
        expect(await here.length()).toBe(1);
      },
    );

    it.each([[[1]], ["text"], [1], [null]])("refuses what is not an object: %j", async (bad) => {
      await expect(here.set(sid, aSession(bad as never))).rejects.toThrow("it is not an object");
      expect(await here.length()).toBe(0);
    });

    it("R4, E12: knows no session by an unknown id, and none by the key of one", async () => {
      await begun();
      expect(await here.get(randomUUID())).toBeUndefined();
      expect(await here.get(keyOf(sid))).toBeUndefined();
      expect(await here.touch(randomUUID(), NOW + HOUR)).toBe(false);
      expect(await here.destroy(randomUUID())).toBe(false);
      expect(await here.length()).toBe(1);
    });

    it("ends a session by the key that all gave, once, and no other", async () => {
      await begun();
      const other = randomUUID();
      await here.set(other, aSession({ b: 2 }));
      expect(await here.end(keyOf(randomUUID()))).toBe(false);
      for await (const { key, data } of here.all()) {
        if (!("b" in data)) expect([await here.end(key), await here.end(key)]).toEqual([true, false]);
      }
      expect(await here.get(sid)).toBeUndefined();
      expect((await here.get(other))?.data).toEqual({ b: 2 });
    });

    it("without a base it writes the whole session anew", async () => {
      await begun({ a: 1, b: 2 });
      expect(await there.set(sid, aSession({ c: 3 }, NOW + HOUR))).toBe(true);
      expect(await here.get(sid)).toEqual(aSession({ c: 3 }, NOW + HOUR));
    });

    it("with its base it sets, changes and takes away what differs, and leaves the others' keys alone", async () => {
      const base = await begun({ keep: 1, change: 1, gone: 1 });
      await there.set(sid, change(base, { others: [1] }));
      const { gone: _, ...rest } = base.data;
      expect(await here.set(sid, { ...base, data: { ...rest, change: { to: 2 }, added: null }, base })).toBe(
        true,
      );
      const { data } = (await here.get(sid)) as HttpSession;
      expect(JSON.stringify(data)).toBe('{"keep":1,"change":{"to":2},"others":[1],"added":null}');
    });

    it("E2: twenty saves of twenty keys at once all win", async () => {
      const base = await begun({ n: 0 });
      const saves = Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? here : there).set(sid, change(base, { [`key ${n}`]: n })),
      );
      expect(await Promise.all(saves)).toEqual(Array(20).fill(true));
      expect(Object.keys((await here.get(sid))?.data ?? {})).toHaveLength(21);
    });

    it("of the same key the last write wins", async () => {
      const base = await begun({ n: 0 });
      await here.set(sid, change(base, { n: 1 }));
      await there.set(sid, change(base, { n: 2 }));
      expect((await here.get(sid))?.data).toEqual({ n: 2 });
    });

    it("D7: is live until the very millisecond of its end, by the caller's clock", async () => {
      await begun({}, NOW + 1_000);
      time.now = NOW + 999;
      expect([await here.get(sid), await here.length()]).toEqual([aSession({}, NOW + 1_000), 1]);
      time.now = NOW + 1_000;
      expect([await here.get(sid), await there.get(sid), await here.length()]).toEqual([
        undefined,
        undefined,
        0,
      ]);
      expect(await here.destroy(sid)).toBe(false);
    });

    it("D3: a touch moves the end forward, for everybody, and never back", async () => {
      await begun({}, NOW + HOUR);
      expect(await there.touch(sid, NOW + 2 * HOUR)).toBe(true);
      expect(await here.touch(sid, NOW + HOUR)).toBe(true);
      expect((await here.get(sid))?.expiresAtMs).toBe(NOW + 2 * HOUR);
      expect((await there.get(sid))?.expiresAtMs).toBe(NOW + 2 * HOUR);
    });

    it("a save moves the end forward; back only where it lies before the one that was read", async () => {
      const base = await begun({}, NOW + 2 * HOUR);
      await there.touch(sid, NOW + 3 * HOUR);
      for (const data of [{}, { a: 1 }] as JsonObject[]) {
        await here.set(sid, { data, expiresAtMs: NOW + 2 * HOUR, base });
        expect((await there.get(sid))?.expiresAtMs).toBe(NOW + 3 * HOUR);
      }
      await here.set(sid, { data: {}, expiresAtMs: NOW + HOUR, base });
      expect((await there.get(sid))?.expiresAtMs).toBe(NOW + HOUR);
    });

    describe("E3: what is over stays over", () => {
      const late: [string, (store: HttpSessionStore, base: HttpSession) => Promise<unknown>][] = [
        ["a save of what was read", (store, base) => store.set(sid, change(base, { late: 1 }))],
        [
          "a save that changes nothing",
          (store, base) => store.set(sid, { ...base, expiresAtMs: NOW + 48 * HOUR, base }),
        ],
        ["a save without a base", (store) => store.set(sid, aSession({ late: 1 }))],
        ["a touch", (store) => store.touch(sid, NOW + 48 * HOUR)],
      ];
      it.each(late)("after it was destroyed: %s", async (_what, act) => {
        const base = await begun({ a: 1 });
        await there.get(sid);
        expect(await here.destroy(sid)).toBe(true);
        expect(await act(there, base)).toBe(false);
        expect(await here.destroy(sid)).toBe(false);
        expect([await here.get(sid), await there.get(sid), await here.length()]).toEqual([
          undefined,
          undefined,
          0,
        ]);
      });

      it.each(late)("after all were cleared: %s", async (_what, act) => {
        const base = await begun({ a: 1 });
        await there.get(sid);
        await here.clear();
        expect(await act(there, base)).toBe(false);
        expect([await here.get(sid), await there.get(sid)]).toEqual([undefined, undefined]);
      });

      it.each(late)("after it expired: %s", async (_what, act) => {
        const base = await begun({ a: 1 }, NOW + 1_000);
        time.now = NOW + 1_000;
        expect(await act(there, base)).toBe(false);
        expect([await here.get(sid), await there.get(sid)]).toEqual([undefined, undefined]);
      });

      it("not even where nothing is known of it any more, by whoever has read it", async () => {
        const base = aSession({ a: 1 });
        expect(await here.set(sid, change(base, { late: 1 }))).toBe(false);
        expect(await here.get(sid)).toBeUndefined();
      });

      it("a hundred saves and touches beside an end, on two instances", async () => {
        for (let round = 0; round < 5; round += 1) {
          sid = randomUUID();
          const base = await begun({ a: 1 });
          const acts = Array.from({ length: 20 }, (_, n) => {
            const store = n % 2 ? here : there;
            if (n === 10) return store.destroy(sid);
            return n % 3
              ? store.set(sid, change(base, { [`key ${n}`]: n }))
              : store.touch(sid, NOW + 48 * HOUR);
          });
          await Promise.all(acts);
          expect([await here.get(sid), await there.get(sid)]).toEqual([undefined, undefined]);
        }
      });
    });

    it("tells of all live sessions by the hashes of their ids, page by page, and counts them", async () => {
      const sids = Array.from({ length: 5 }, () => randomUUID());
      for (const [n, id] of sids.entries()) await here.set(id, aSession({ n }, NOW + (n + 1) * 1_000));
      await here.destroy(sids[4] as string);
      time.now = NOW + 1_000;
      const found: [string, JsonObject][] = [];
      for await (const { key, data } of there.all()) found.push([key, data]);
      const expected = [1, 2, 3].map((n) => [keyOf(sids[n] as string), { n }]);
      expect(found.sort()).toEqual(expected.sort());
      expect(await there.length()).toBe(3);
    });

    it("what is handed out may be changed: nobody else sees it", async () => {
      await begun({ list: [1] });
      for (const store of [here, here, there]) {
        const session = (await store.get(sid)) as HttpSession;
        expect(session.data).toEqual({ list: [1] });
        (session.data.list as number[]).push(2);
      }
    });

    it("deletes nothing that may still be looked for", async () => {
      await begun();
      expect(await here.cleanup(1_000)).toBe(0);
      expect(await here.sweep(1_000)).toEqual({ outcome: "swept", deleted: 0 });
      expect(await here.get(sid)).toBeDefined();
    });
  });
}
