import { beforeEach, expect, it, vi } from "vitest";
import { EIGHT_HOURS, type Engine, openEngine } from "./support";

const LIFETIME_MS = EIGHT_HOURS * 1_000;

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ policy: { renewalLimitSeconds: 3 * EIGHT_HOURS } });
});

it("E6: with use after half of its lifetime, a session lives for a whole one from now", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += LIFETIME_MS / 2;
  const renewed = await engine.manager.refresh(session);
  expect(renewed).toEqual({ ...session, expiresAtMs: session.expiresAtMs + LIFETIME_MS / 2 });
  engine.time.nowMs += LIFETIME_MS - 1;
  expect(await engine.manager.read(header)).toBeDefined();
  engine.time.nowMs += 1;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("E6: before that nothing is written", async () => {
  const { session } = await engine.signIn();
  const renew = vi.spyOn(engine.store, "renew");
  engine.time.nowMs += LIFETIME_MS / 2 - 1;
  expect(await engine.manager.refresh(session)).toBe(session);
  expect(renew).not.toHaveBeenCalled();
});

it("E6: where the policy does not renew, it ends when it ends", async () => {
  const { session } = await engine.signIn(null, { policy: { renewalLimitSeconds: 0 } });
  engine.time.nowMs += LIFETIME_MS - 1;
  expect(await engine.manager.refresh(session)).toBe(session);
});

it("R6: however much it is used, it ends where renewal ends", async () => {
  const { session, header } = await engine.signIn();
  const ends: number[] = [];
  for (;;) {
    engine.time.nowMs += 3_600_000;
    const read = await engine.manager.read(header);
    if (!read) break;
    ends.push((await engine.manager.refresh(read)).expiresAtMs);
  }
  expect(engine.time.nowMs - session.createdAtMs).toBe(3 * LIFETIME_MS);
  expect(Math.max(...ends)).toBe(session.renewableUntilMs);
});

it("E2: two requests that renew at once agree on the later end, and never move it back", async () => {
  const { session } = await engine.signIn();
  engine.time.nowMs += LIFETIME_MS / 2 + 1_000;
  const first = await engine.manager.refresh(session);
  engine.time.nowMs -= 500;
  const second = await engine.manager.refresh(session);
  expect(second.expiresAtMs).toBe(first.expiresAtMs);
});

it("E3: what ended meanwhile is not revived, and stays as the caller knew it", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += LIFETIME_MS / 2;
  await engine.manager.destroy(header);
  expect(await engine.manager.refresh(session)).toBe(session);
  expect(await engine.store.find(session.id)).toBeUndefined();
});

it("R6: what expired meanwhile is not revived", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += LIFETIME_MS;
  expect((await engine.manager.refresh(session)).expiresAtMs).toBe(session.expiresAtMs);
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("C2, R31: a store that fails is told of, and fails no request", async () => {
  const { session } = await engine.signIn();
  const { renew } = engine.store;
  engine.store.renew = () => Promise.reject(new Error("away"));
  engine.time.nowMs += LIFETIME_MS / 2;
  expect(await engine.manager.refresh(session)).toBe(session);
  expect(engine.logger.lines).toEqual([
    {
      level: "warn",
      fields: { reason: "away" },
      message: "a session could not be renewed; its next use tries again",
    },
  ]);
  engine.store.renew = renew;
  expect((await engine.manager.refresh(session)).expiresAtMs).toBe(engine.time.nowMs + LIFETIME_MS);
});

it("R5: activity that the store was not told of yet counts", async () => {
  engine = await openEngine({ policy: { renewalLimitSeconds: 3 * EIGHT_HOURS, idleTimeoutSeconds: 60 } });
  const { session } = await engine.signIn(null, { policy: { maxAgeSeconds: 100 } });
  engine.time.nowMs += 59_000;
  const used = { ...session, lastActivityAtMs: engine.time.nowMs };
  engine.time.nowMs += 2_000;
  expect((await engine.manager.refresh(session)).expiresAtMs).toBe(session.expiresAtMs);
  expect((await engine.manager.refresh(used)).expiresAtMs).toBe(engine.time.nowMs + 100_000);
});
