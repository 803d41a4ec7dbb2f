import { expect, it, vi } from "vitest";
import { type Unavailability, UnavailableError } from "../../../app/lib/base/errors";
import { retryUndone } from "../../../app/lib/db/retry";

/** Fails so many times, then answers. */
function failing(times: number, error: Error) {
  const call = vi.fn(async () => {
    if (call.mock.calls.length <= times) throw error;
    return "done";
  });
  return call;
}

const unavailable = (kind: Unavailability) => new UnavailableError("no", { kind });
/** Without pauses. */
const AT_ONCE = { random: () => 0 };

it("a call that lost against others is made again until it wins", async () => {
  const call = failing(11, unavailable("conflict"));
  expect(await retryUndone(call, AT_ONCE)).toBe("done");
  expect(call).toHaveBeenCalledTimes(12);
});

it.each([
  ["conflict", 12],
  ["read-only", 2],
  ["outage", 1],
  ["failed", 1],
] as const)("%s: made %i times, and given up then", async (kind, times) => {
  const error = unavailable(kind);
  const call = failing(100, error);
  await expect(retryUndone(call, AT_ONCE)).rejects.toBe(error);
  expect(call).toHaveBeenCalledTimes(times);
});

it("what is no unavailability is not made again", async () => {
  const call = failing(1, new TypeError("a fault of ours"));
  await expect(retryUndone(call, AT_ONCE)).rejects.toThrow("a fault of ours");
  expect(call).toHaveBeenCalledTimes(1);
});

it("no other try begins once somebody has waited for two seconds", async () => {
  let nowMs = 0;
  const call = vi.fn(async () => {
    nowMs += 1_000;
    throw unavailable("conflict");
  });
  await expect(retryUndone(call, { ...AT_ONCE, monotonic: () => nowMs })).rejects.toThrow("no");
  expect(call).toHaveBeenCalledTimes(2);
});

it("pauses are random, and double up to a quarter of a second", async () => {
  vi.useFakeTimers();
  try {
    const call = failing(7, unavailable("conflict"));
    const startedMs = performance.now();
    const pauses: number[] = [];
    let lastMs = startedMs;
    const measured = () => {
      pauses.push(Math.round(performance.now() - lastMs));
      lastMs = performance.now();
      return call();
    };
    const done = retryUndone(measured, { random: () => 1 });
    await vi.runAllTimersAsync();
    expect(await done).toBe("done");
    expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 250, 250]);
  } finally {
    vi.useRealTimers();
  }
});
