import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { monotonicClock, systemClock } from "../../../app/lib/base/clock";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it("the system's clock tells milliseconds since the epoch, and follows when it is set", () => {
  vi.setSystemTime("2026-11-21T08:00:00.250Z");
  expect(systemClock()).toBe(Date.UTC(2026, 10, 21, 8, 0, 0, 250));
  vi.setSystemTime("2020-01-01T00:00:00Z");
  expect(systemClock()).toBe(Date.UTC(2020, 0, 1));
});

it("the monotonic clock does not follow when the system's is set", () => {
  const before = monotonicClock();
  vi.setSystemTime("1999-01-01T00:00:00Z");
  const after = monotonicClock();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after - before).toBeLessThan(60_000);
});

it("the monotonic clock counts milliseconds", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const before = monotonicClock();
  vi.advanceTimersByTime(1_500);
  expect(monotonicClock() - before).toBe(1_500);
});
