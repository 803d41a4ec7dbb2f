import { describe, expect, it } from "vitest";
import { isLive, overBecause, renewedEndMs, timesOf, withChosen } from "../../../app/lib/sessions/policy";
import { POLICY } from "./support";

/** Ten seconds from 0, used at 0. */
const TIMES = {
  expiresAtMs: 10_000,
  renewableUntilMs: 10_000,
  maxAgeSeconds: 10,
  idleTimeoutSeconds: 0,
  lastActivityAtMs: 0,
};

describe("the two clocks", () => {
  it.each([
    ["R6: lives to its last millisecond", {}, 9_999, undefined],
    ["R6: is over at the very millisecond it expires", {}, 10_000, "expired"],
    ["R6: and ever after", {}, 10_001, "expired"],
    ["R5: lives to the last millisecond of its idle time", { idleTimeoutSeconds: 4 }, 3_999, undefined],
    ["R5: is over at the very millisecond it idled too long", { idleTimeoutSeconds: 4 }, 4_000, "idle"],
    [
      "R7: use starts the idle clock anew",
      { idleTimeoutSeconds: 4, lastActivityAtMs: 500 },
      4_499,
      undefined,
    ],
    ["R7: from the use on, it runs again", { idleTimeoutSeconds: 4, lastActivityAtMs: 500 }, 4_500, "idle"],
    [
      "R6, R7: use does not stop the other clock",
      { idleTimeoutSeconds: 4, lastActivityAtMs: 9_999 },
      10_000,
      "expired",
    ],
    ["R6: where both ran out, its lifetime is the reason", { idleTimeoutSeconds: 4 }, 20_000, "expired"],
    ["E6: an idle limit of 0 is none", { idleTimeoutSeconds: 0, lastActivityAtMs: -9e9 }, 9_999, undefined],
  ])("%s", (_promise, changes, nowMs, over) => {
    expect(overBecause({ ...TIMES, ...changes }, nowMs)).toBe(over);
    expect(isLive({ ...TIMES, ...changes }, nowMs)).toBe(over === undefined);
  });
});

describe("renewal with use", () => {
  const RENEWABLE = { ...TIMES, renewableUntilMs: 100_000 };

  it.each([
    ["E6: not before half of the lifetime is over", {}, 4_999, undefined],
    ["E6: from the half on, a whole lifetime from now", {}, 5_000, 15_000],
    ["E6: to the last millisecond", {}, 9_999, 19_999],
    [
      "E6: half of the lifetime counts back from the end it has now",
      { expiresAtMs: 20_000 },
      14_999,
      undefined,
    ],
    ["E6: and again, after a renewal", { expiresAtMs: 20_000 }, 15_000, 25_000],
    ["R6: never beyond what renewal may reach", { expiresAtMs: 96_000 }, 95_000, 100_000],
    ["R6: nor to the end it has already", { expiresAtMs: 100_000 }, 95_000, undefined],
    ["R6: never back, where the end was set later by hand", { expiresAtMs: 101_000 }, 99_999, undefined],
    ["E6: without renewal, never", { renewableUntilMs: 10_000 }, 9_999, undefined],
  ])("%s", (_promise, changes, nowMs, endMs) => {
    expect(renewedEndMs({ ...RENEWABLE, ...changes }, nowMs)).toBe(endMs);
  });

  it("R6: however often it is used, it ends where renewal ends", () => {
    let session = RENEWABLE;
    for (let nowMs = 0; isLive(session, nowMs); nowMs += 777) {
      session = { ...session, expiresAtMs: renewedEndMs(session, nowMs) ?? session.expiresAtMs };
      expect(session.expiresAtMs).toBeLessThanOrEqual(100_000);
    }
    expect(session.expiresAtMs).toBe(100_000);
  });
});

describe("a session that begins", () => {
  it.each([
    ["R6: lives for its lifetime, and is renewed up to its limit", { renewalLimitSeconds: 300 }, 301_000],
    ["E6: a renewal limit of 0 is no renewal", { renewalLimitSeconds: 0 }, 11_000],
    ["E6: a renewal limit below the lifetime shortens nothing", { renewalLimitSeconds: 9 }, 11_000],
  ])("%s", (_promise, changes, renewableUntilMs) => {
    const policy = { ...POLICY, maxAgeSeconds: 10, idleTimeoutSeconds: 4, ...changes };
    expect(timesOf(policy, 1_000)).toEqual({
      createdAtMs: 1_000,
      expiresAtMs: 11_000,
      renewableUntilMs,
      maxAgeSeconds: 10,
      idleTimeoutSeconds: 4,
    });
  });
});

it("E6: what a client chose counts, 0 included; what it left open is left to the defaults", () => {
  const chosen = {
    maxAgeSeconds: 900,
    idleTimeoutSeconds: 0,
    renewalLimitSeconds: null,
    maxSessionsPerUser: undefined,
    atSessionLimit: "refuse-new" as const,
  };
  const defaults = { ...POLICY, renewalLimitSeconds: 60, maxSessionsPerUser: 7 };
  expect(withChosen(defaults, chosen)).toStrictEqual({
    maxAgeSeconds: 900,
    idleTimeoutSeconds: 0,
    renewalLimitSeconds: 60,
    maxSessionsPerUser: 7,
    atSessionLimit: "refuse-new",
  });
  expect(withChosen(defaults)).toStrictEqual(defaults);
});
