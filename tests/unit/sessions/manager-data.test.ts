import { beforeEach, describe, expect, it } from "vitest";
import { SessionConflictError, SessionDataError } from "../../../app/lib/sessions/errors";
import type { Session } from "../../../app/lib/sessions/session";
import { EIGHT_HOURS, type Engine, openEngine } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine();
});

const dataOf = async (header: string) => (await engine.manager.read(header))?.data;

/** The session as two requests have it that came at the same time. */
async function readTwice(header: string): Promise<[Session, Session]> {
  const [one, other] = [await engine.manager.read(header), await engine.manager.read(header)];
  if (!one || !other) throw new Error("no session");
  return [one, other];
}

it("E2: saves the keys that changed, and the next request reads them", async () => {
  const { session, header } = await engine.signIn();
  await engine.manager.saveData(session, { set: { theme: "dark", seen: [1, 2] } });
  const [again] = await readTwice(header);
  await engine.manager.saveData(again, { set: { seen: null }, unset: ["theme"] });
  expect(await dataOf(header)).toEqual({ seen: null });
});

it("E2: answers the session with all its data, those of others too, and its next revision", async () => {
  const { session, header } = await engine.signIn(null, { data: { first: 1 } });
  expect(session.revision).toBe(0);
  const saved = await engine.manager.saveData(session, { set: { second: 2 } });
  expect(saved).toEqual({ ...session, data: { first: 1, second: 2 }, revision: 1 });
  const again = saved && (await engine.manager.saveData(saved, { set: { second: 3 } }));
  expect(again).toEqual({ ...session, data: { first: 1, second: 3 }, revision: 2 });
  expect((await engine.manager.read(header))?.revision).toBe(2);
});

describe("E2: two requests that loaded the same session", () => {
  it("both win where they change different keys", async () => {
    const { header } = await engine.signIn();
    const [one, other] = await readTwice(header);
    await engine.manager.saveData(one, { set: { a: 1 } });
    expect((await engine.manager.saveData(other, { set: { b: 2 } }))?.data).toEqual({ a: 1, b: 2 });
    expect(await dataOf(header)).toEqual({ a: 1, b: 2 });
  });

  it("conflict where they change the same keys: the later is told which, and saves nothing", async () => {
    const { header } = await engine.signIn();
    const [one, other] = await readTwice(header);
    await engine.manager.saveData(one, { set: { a: 1, b: 1, c: 1 } });
    const late = engine.manager.saveData(other, { set: { b: 2, d: 2 }, unset: ["a"] });
    await expect(late).rejects.toThrow(SessionConflictError);
    await expect(late).rejects.toMatchObject({
      keys: ["a", "b"],
      message: "session data was changed by another request meanwhile: a, b",
    });
    expect(await dataOf(header)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it("may say for each key that the last write wins, and conflict over the others", async () => {
    const { header } = await engine.signIn();
    const [one, other] = await readTwice(header);
    await engine.manager.saveData(one, { set: { a: 1, b: 1 } });
    const both = { set: { a: 2, b: 2 }, overwrite: ["a"] };
    await expect(engine.manager.saveData(other, both)).rejects.toMatchObject({ keys: ["b"] });
    await engine.manager.saveData(other, { set: { a: 2 }, overwrite: ["a"] });
    expect(await dataOf(header)).toEqual({ a: 2, b: 1 });
  });

  it("have no conflict once the later has read again", async () => {
    const { header } = await engine.signIn();
    const [one] = await readTwice(header);
    await engine.manager.saveData(one, { set: { a: 1 } });
    const [again] = await readTwice(header);
    await engine.manager.saveData(again, { set: { a: 2 } });
    expect(await dataOf(header)).toEqual({ a: 2 });
  });
});

describe("what cannot be kept is refused before anything is saved", () => {
  it("what is no JSON", async () => {
    const { session, header } = await engine.signIn(null, { data: { kept: true } });
    const saving = engine.manager.saveData(session, { set: { ok: 1, bad: Number.NaN } });
    await expect(saving).rejects.toThrow(new SessionDataError('session data "bad" is no JSON value (NaN)'));
    expect(await dataOf(header)).toEqual({ kept: true });
  });

  it.each([{ unset: ["ok", "a\0b"] }, { overwrite: ["\ud800"] }])(
    "a key that no database keeps: %j",
    async (change) => {
      const { session, header } = await engine.signIn(null, { data: { ok: true } });
      const saving = engine.manager.saveData(session, { set: { ok: 1 }, ...change });
      await expect(saving).rejects.toThrow(/has a key that holds a character that a database cannot keep/);
      expect(await dataOf(header)).toEqual({ ok: true });
    },
  );

  it("more than 64 KB with what is there already, with the size, the limit and what to do instead", async () => {
    const { session, header } = await engine.signIn(null, { data: { kept: true } });
    await engine.manager.saveData(session, { set: { small: "x".repeat(60_000) } });
    const [again] = await readTwice(header);
    const saving = engine.manager.saveData(again, { set: { large: "x".repeat(60_000) } });
    await expect(saving).rejects.toThrow(SessionDataError);
    await expect(saving).rejects.toThrow(
      / 120\d{3} bytes, and at most 65536 are allowed: keep large values in/,
    );
    expect(Object.keys((await dataOf(header)) ?? {})).toEqual(["kept", "small"]);
  });

  it("more than 64 KB in one change, without a question to the store", async () => {
    const { session } = await engine.signIn();
    engine.store.saveData = () => Promise.reject(new Error("was asked"));
    const saving = engine.manager.saveData(session, { set: { large: "x".repeat(65_536) } });
    await expect(saving).rejects.toThrow("would take 65548 bytes, and at most 65536 are allowed");
  });

  it("C3: more than the limit that is set", async () => {
    engine = await openEngine({ dataMaxBytes: 100 });
    const { session } = await engine.signIn();
    const saving = engine.manager.saveData(session, { set: { note: "x".repeat(100) } });
    await expect(saving).rejects.toThrow("at most 100 are allowed");
    expect(await engine.manager.saveData(session, { set: { note: "x".repeat(50) } })).toBeDefined();
  });
});

it("keys that mean something to JavaScript are kept like any other", async () => {
  const { session, header } = await engine.signIn();
  const set = JSON.parse('{"__proto__":{"admin":true},"constructor":1}');
  await engine.manager.saveData(session, { set });
  const data = await dataOf(header);
  expect(JSON.stringify(data)).toBe('{"__proto__":{"admin":true},"constructor":1}');
  expect((data as { admin?: boolean }).admin).toBeUndefined();
});

describe("R5, R6, E3: saves nothing once the session is over", () => {
  it("by its lifetime", async () => {
    const { session } = await engine.signIn();
    engine.time.nowMs += EIGHT_HOURS * 1_000;
    expect(await engine.manager.saveData(session, { set: { a: 1 } })).toBeUndefined();
    expect((await engine.store.find(session.id))?.session.data).toEqual({});
  });

  it("by its idle time, which counts from the request that saves", async () => {
    engine = await openEngine({ policy: { idleTimeoutSeconds: 60 } });
    const { session, header } = await engine.signIn();
    engine.time.nowMs += 50_000;
    const read = (await engine.manager.read(header)) ?? session;
    engine.time.nowMs += 59_999;
    expect(await engine.manager.saveData(session, { set: { b: 1 } })).toBeUndefined();
    expect(await engine.manager.saveData(read, { set: { a: 1 } })).toBeDefined();
    engine.time.nowMs += 1;
    expect(await engine.manager.saveData(read, { set: { c: 1 } })).toBeUndefined();
    expect((await engine.store.find(session.id))?.session.data).toEqual({ a: 1 });
  });
});

it("R31: a store that does not answer is the caller's to know", async () => {
  const { session } = await engine.signIn();
  engine.store.saveData = () => Promise.reject(new Error("away"));
  await expect(engine.manager.saveData(session, { set: { a: 1 } })).rejects.toThrow("away");
});
