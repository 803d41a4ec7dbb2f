import { beforeEach, expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, type Engine, NAME, openEngine } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine();
});

it("A6: ends the session, removes the cookie, and the old cookie never works again", async () => {
  const { session, header } = await engine.signIn();
  const cleared = await engine.manager.destroy(header);
  expect(cleared).toMatch(new RegExp(`^${NAME}=;.*Max-Age=0`));
  expect(await engine.store.find(session.id)).toBeUndefined();
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("ends this session and no other of the same person", async () => {
  const here = await engine.signIn();
  const there = await engine.signIn();
  await engine.manager.destroy(here.header);
  expect(await engine.manager.read(there.header)).toBeDefined();
});

it.each([undefined, null, "", `${NAME}=nonsense`])(
  "with a cookie of %j it removes the cookie all the same",
  async (header) => {
    expect(await engine.manager.destroy(header)).toContain("Max-Age=0");
  },
);

it("R2: an id whose signature is not ours ends nothing", async () => {
  const victim = await engine.signIn();
  const forged = `${NAME}=${victim.session.id}.${newToken().secret}.${newToken().secret}`;
  await engine.manager.destroy(forged);
  await engine.manager.destroy(`${victim.header}x`);
  expect(await engine.manager.read(victim.header)).toBeDefined();
});

it("R29: a session that its person ended is remembered as signed out", async () => {
  const { session, header } = await engine.signIn();
  await engine.manager.destroy(header);
  expect(await engine.endOf(session.id)).toBe("signed_out");
});

it("R34: the secret before a rotation signs out too, within its grace", async () => {
  const { session, header } = await engine.signIn();
  await engine.manager.rotate(header);
  await engine.manager.destroy(header);
  expect(await engine.endOf(session.id)).toBe("signed_out");
});

it("R31: where the store does not answer, nobody is told that they are signed out", async () => {
  const { header } = await engine.signIn();
  engine.store.end = () => Promise.reject(new Error("away"));
  await expect(engine.manager.destroy(header)).rejects.toThrow("away");
});

it("ends an expired session too, so that its row goes", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += EIGHT_HOURS * 1_000;
  await engine.manager.destroy(header);
  expect(await engine.store.find(session.id)).toBeUndefined();
});

it("E3: a request that was slow neither saves, renews nor rotates what ended meanwhile, and revives nothing", async () => {
  const slow = await openEngine({ policy: { renewalLimitSeconds: 10 * EIGHT_HOURS } });
  const { session, header } = await slow.signIn();
  slow.time.nowMs += (EIGHT_HOURS - 1) * 1_000;
  const loaded = (await slow.manager.read(header)) ?? session;
  await slow.manager.destroy(header);
  expect(await slow.manager.saveData(loaded, { set: { late: true } })).toBeUndefined();
  expect((await slow.manager.refresh(loaded)).expiresAtMs).toBe(session.expiresAtMs);
  expect(await slow.manager.rotate(header)).toBeUndefined();
  expect(await slow.store.find(session.id)).toBeUndefined();
  expect(await slow.manager.read(header)).toBeUndefined();
});
