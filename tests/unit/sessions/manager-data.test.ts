import { beforeEach, expect, it } from "vitest";
import { EIGHT_HOURS, openEngine } from "./support";

let engine: Awaited<ReturnType<typeof openEngine>>;
beforeEach(async () => {
  engine = await openEngine();
});

it("E2: saves the keys that changed, and the next request reads them", async () => {
  const { session, header } = await engine.signIn();
  const saved = await engine.manager.saveData(session, { set: { theme: "dark", seen: [1, 2] } });
  expect(saved).toEqual({ ...session, data: { theme: "dark", seen: [1, 2] } });
  await engine.manager.saveData(session, { set: { seen: null }, unset: ["theme"] });
  expect((await engine.manager.read(header))?.data).toEqual({ seen: null });
});

it("E2: two requests that loaded the same session and change different keys both win", async () => {
  const { header } = await engine.signIn();
  const [one, other] = [await engine.manager.read(header), await engine.manager.read(header)];
  if (!one || !other) throw new Error("no session");
  await engine.manager.saveData(one, { set: { a: 1 } });
  await engine.manager.saveData(other, { set: { b: 2 } });
  expect((await engine.manager.read(header))?.data).toEqual({ a: 1, b: 2 });
});

it("R6: saves nothing once the session has expired", async () => {
  const { session } = await engine.signIn();
  engine.time.nowMs += EIGHT_HOURS * 1_000;
  expect(await engine.manager.saveData(session, { set: { a: 1 } })).toBeUndefined();
  expect((await engine.store.find(session.id))?.session.data).toEqual({});
});
