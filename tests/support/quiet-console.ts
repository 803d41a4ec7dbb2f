import { afterEach, beforeEach, expect, type MockInstance, vi } from "vitest";

const METHODS = ["error", "warn", "info", "log", "debug"] as const;
let spies: MockInstance<(...printed: unknown[]) => void>[] = [];

/** Whatever a test did not expect on the console fails it. A test that expects output spies on it itself. */
beforeEach(() => {
  spies = METHODS.map((method) => vi.spyOn(console, method));
});

afterEach(() => {
  const printed = spies.flatMap((spy) => spy.mock.calls.map((call) => call.join(" ")));
  for (const spy of spies) spy.mockRestore();
  expect(printed, "unexpected console output").toEqual([]);
});
