import { afterEach, expect, it, vi } from "vitest";
import { within } from "../../../app/lib/base/within";

afterEach(() => vi.useRealTimers());

const late = () => new Error("too late");

it("brings what comes in time", async () => {
  await expect(within(Promise.resolve(7), 50, late)).resolves.toBe(7);
});

it("fails as the promise fails", async () => {
  await expect(within(Promise.reject(new Error("no")), 50, late)).rejects.toThrow("no");
});

it("fails when the time is over, and not before", async () => {
  vi.useFakeTimers();
  let outcome = "waiting";
  within(new Promise(() => undefined), 50, late).catch((error) => {
    outcome = error.message;
  });
  await vi.advanceTimersByTimeAsync(49);
  expect(outcome).toBe("waiting");
  await vi.advanceTimersByTimeAsync(2);
  expect(outcome).toBe("too late");
});

it("an answer that arrived while this process was busy is in time", async () => {
  const answer = new Promise((resolve) => setImmediate(resolve, "answer"));
  const waiting = within(answer, 1, late);
  const busyUntilMs = performance.now() + 20;
  while (performance.now() < busyUntilMs);
  await expect(waiting).resolves.toBe("answer");
});
