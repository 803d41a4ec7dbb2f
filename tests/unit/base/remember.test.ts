import { randomUUID } from "node:crypto";
import { expect, it, vi } from "vitest";
import { remember } from "../../../app/lib/base/remember";

it("makes a value once, however often it is asked for", () => {
  const name = randomUUID();
  const make = vi.fn(() => ({}));
  expect(remember(name, make)).toBe(remember(name, make));
  expect(make).toHaveBeenCalledTimes(1);
});

it("a value of nothing is made once too", () => {
  const name = randomUUID();
  const make = vi.fn(() => undefined);
  remember(name, make);
  remember(name, make);
  expect(make).toHaveBeenCalledTimes(1);
});

it("names are kept apart", () => {
  expect(remember(randomUUID(), () => 1)).toBe(1);
  expect(remember(randomUUID(), () => 2)).toBe(2);
});

it("outlives its own module, as the development server loads that anew", async () => {
  const name = randomUUID();
  const value = remember(name, () => ({}));
  vi.resetModules();
  const again = await import("../../../app/lib/base/remember");
  expect(again.remember).not.toBe(remember);
  expect(again.remember(name, () => ({}))).toBe(value);
});

it("what could not be made is tried again", () => {
  const name = randomUUID();
  expect(() =>
    remember(name, () => {
      throw new Error("not yet");
    }),
  ).toThrow("not yet");
  expect(remember(name, () => 1)).toBe(1);
});
