import { afterEach, expect, it, vi } from "vitest";
import { createMemoryStores } from "../../../app/lib/session-stores/memory";
import { cleanupExpired } from "../../../app/lib/sessions/cleanup";
import { aClient, aSession, HOUR, NOW } from "../../support/examples";

it.each([
  [0, [1_000]],
  [1, [1_000]],
  [999, [1_000]],
  [1_000, [1_000, 1_000]],
  [2_500, [1_000, 1_000, 1_000]],
])("A9: of %i expired sessions, all are deleted, in bites, and counted", async (count, bites) => {
  const { clients, sessions } = createMemoryStores(() => NOW);
  const { id: clientId } = await clients.install(aClient("old-oak"));
  const expired = { createdAtMs: NOW - 9 * HOUR, expiresAtMs: NOW - HOUR };
  for (let made = 0; made < count; made += 1) await sessions.create(aSession(clientId, expired));
  const live = await sessions.create(aSession(clientId));

  const asked: number[] = [];
  const cleanup = (batch: number) => {
    asked.push(batch);
    return sessions.cleanup(batch);
  };
  expect(await cleanupExpired({ cleanup })).toBe(count);
  expect(asked).toEqual(bites);
  expect(await sessions.find(live.id)).toBeDefined();
});

afterEach(() => void vi.useRealTimers());

it("A9: a store that does not answer is the caller's to know", async () => {
  const cleanup = () => Promise.reject(new Error("away"));
  await expect(cleanupExpired({ cleanup })).rejects.toThrow("away");
});

it("E9: rests after a full bite nine times as long as it took, and after the last one not at all", async () => {
  vi.useFakeTimers();
  const began: number[] = [];
  const cleanup = async () => {
    began.push(Date.now());
    await new Promise((done) => setTimeout(done, 20));
    return began.length < 3 ? 1_000 : 999;
  };
  const cleaned = cleanupExpired({ cleanup });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(await cleaned).toBe(2_999);
  expect(began.map((at) => at - (began[0] as number))).toEqual([0, 200, 400]);
});
