import { beforeEach, expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, NAME, openEngine, sentBack } from "./support";

let engine: Awaited<ReturnType<typeof openEngine>>;
beforeEach(async () => {
  engine = await openEngine();
});

it("A6: ends the session, removes the cookie, and the old cookie never works again", async () => {
  const { session, header } = await engine.signIn();
  const cleared = await engine.manager.end(header);
  expect(cleared).toMatch(new RegExp(`^${NAME}=;.*Max-Age=0`));
  expect(await engine.store.find(session.id)).toBeUndefined();
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("ends this session and no other of the same person", async () => {
  const here = await engine.signIn();
  const there = await engine.signIn();
  await engine.manager.end(here.header);
  expect(await engine.manager.read(there.header)).toBeDefined();
});

it.each([undefined, null, "", `${NAME}=nonsense`])(
  "with a cookie of %j it removes the cookie all the same",
  async (header) => {
    expect(await engine.manager.end(header)).toContain("Max-Age=0");
  },
);

it("R2: an id without its secret ends nothing", async () => {
  const victim = await engine.signIn();
  await engine.manager.end(sentBack(engine.cookie.write({ ...newToken(), id: victim.session.id }, 60)));
  expect(await engine.manager.read(victim.header)).toBeDefined();
});

it("ends an expired session too, so that its row goes", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += EIGHT_HOURS * 1_000;
  await engine.manager.end(header);
  expect(await engine.store.find(session.id)).toBeUndefined();
});

it("E3: a request that was slow saves nothing to the session that ended meanwhile, and revives none", async () => {
  const { session, header } = await engine.signIn();
  const slow = await engine.manager.read(header);
  await engine.manager.end(header);
  expect(slow && (await engine.manager.saveData(slow, { set: { late: true } }))).toBeUndefined();
  expect(await engine.store.find(session.id)).toBeUndefined();
  expect(await engine.manager.read(header)).toBeUndefined();
});
