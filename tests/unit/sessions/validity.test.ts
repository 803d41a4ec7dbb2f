import { expect, it } from "vitest";
import { isLive } from "../../../app/lib/sessions/validity";

it("R6: a session is over at the very millisecond it expires", () => {
  expect(isLive({ expiresAtMs: 1_000 }, 999)).toBe(true);
  expect(isLive({ expiresAtMs: 1_000 }, 1_000)).toBe(false);
  expect(isLive({ expiresAtMs: 1_000 }, 1_001)).toBe(false);
});
