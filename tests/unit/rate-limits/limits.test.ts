import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../../app/lib/base/logger";
import type { Database } from "../../../app/lib/db/database";
import { createRateLimits, type LimitsPerMinute } from "../../../app/lib/rate-limits/limits";

const ALLOWED = { allowed: true };
const [HERE, THERE] = ["192.0.2.7", "192.0.2.8"];

/** A database that is away: memory counts. */
const limitsInMemory = (limits: Partial<LimitsPerMinute> = {}) =>
  limitsOver(
    vi.fn(() => Promise.reject(new Error("gone"))),
    limits,
  );

function limitsOver<Call extends Database["call"]>(call: Call, limits: Partial<LimitsPerMinute>) {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const rateLimits = createRateLimits({
    redis: undefined,
    db: { call } as unknown as Database,
    limits: { signIns: 2, installs: 2, failures: 2, links: 2, ...limits },
    prefix: "test",
    logger: log as unknown as Logger,
  });
  return { rateLimits, call, log };
}

/** Tries so often, and tells which attempts were let through. */
async function attempts(times: number, attempt: () => Promise<{ allowed: boolean }>): Promise<boolean[]> {
  const allowed = [];
  for (let i = 0; i < times; i += 1) allowed.push((await attempt()).allowed);
  return allowed;
}

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 22) }));
afterEach(() => void vi.useRealTimers());

describe("C5: limits by address", () => {
  it.each(["signIns", "installs", "links"] as const)(
    "so many %s in a minute, and then again",
    async (errand) => {
      const { rateLimits } = limitsInMemory();
      const admit = (address = HERE) => rateLimits.admit(errand, { address });
      expect(await attempts(2, admit)).toEqual([true, true]);
      vi.advanceTimersByTime(12_500);
      expect(await admit()).toEqual({ allowed: false, retryAfterSeconds: 48 });
      expect(await admit(THERE)).toEqual(ALLOWED);
      vi.advanceTimersByTime(47_000);
      expect(await admit()).toEqual({ allowed: false, retryAfterSeconds: 1 });
      vi.advanceTimersByTime(500);
      expect(await attempts(3, admit)).toEqual([true, true, false]);
    },
  );

  it("one address does not count for another, nor one errand for the other", async () => {
    const { rateLimits } = limitsInMemory();
    await attempts(3, () => rateLimits.admit("signIns", { address: HERE }));
    expect(await rateLimits.admit("signIns", { address: THERE })).toEqual(ALLOWED);
    expect(await rateLimits.admit("installs", { address: HERE })).toEqual(ALLOWED);
  });

  it("a whole IPv6 network is one address", async () => {
    const { rateLimits } = limitsInMemory();
    const admit = (address: string) => rateLimits.admit("signIns", { address });
    expect(await admit("2001:db8::1")).toEqual(ALLOWED);
    expect(await admit("2001:db8::ffff:2")).toEqual(ALLOWED);
    expect(await admit("2001:db8::3")).toMatchObject({ allowed: false });
    expect(await admit("2001:db8:0:1::3")).toEqual(ALLOWED);
  });

  it.each(["signIns", "installs", "failures"] as const)("0 turns %s off", async (errand) => {
    const { rateLimits } = limitsInMemory({ signIns: 9, installs: 9, failures: 9, [errand]: 0 });
    const doer = { address: HERE, tenantId: "old-oak" };
    const attempt = async () => {
      if (errand !== "failures") return rateLimits.admit(errand, doer);
      await rateLimits.noteFailure(doer);
      return rateLimits.admit("installs", { tenantId: "old-oak" });
    };
    const allowed = await attempts(errand === "failures" ? 45 : 1_000, attempt);
    expect(allowed).not.toContain(false);
  });
});

describe("C5: limits by tenant", () => {
  it("five times an address's, from wherever it is tried", async () => {
    const { rateLimits } = limitsInMemory();
    const tenantId = "old-oak";
    for (let i = 0; i < 10; i += 1) {
      expect(await rateLimits.admit("signIns", { address: `192.0.2.${i}`, tenantId })).toEqual(ALLOWED);
    }
    expect(await rateLimits.admit("signIns", { address: "198.51.100.1", tenantId })).toMatchObject({
      allowed: false,
    });
    expect(await rateLimits.admit("signIns", { address: HERE, tenantId: "bodega" })).toEqual(ALLOWED);
  });

  it("one address alone cannot use it up: what it is refused does not count", async () => {
    const { rateLimits } = limitsInMemory();
    const tenantId = "old-oak";
    await attempts(100, () => rateLimits.admit("signIns", { address: HERE, tenantId }));
    expect(await rateLimits.admit("signIns", { address: THERE, tenantId })).toEqual(ALLOWED);
  });
});

describe("C5: limits by mailbox", () => {
  it("as many links as an address may ask for, from wherever; other errands and mailboxes are not concerned", async () => {
    const { rateLimits } = limitsInMemory();
    const mailbox = "jason@example.com";
    const ask = (i: number) => rateLimits.admit("links", { address: `192.0.2.${i}`, mailbox });
    expect([await ask(1), await ask(2)]).toEqual([ALLOWED, ALLOWED]);
    expect(await ask(3)).toMatchObject({ allowed: false, retryAfterSeconds: 60 });
    expect(await rateLimits.admit("links", { address: HERE, mailbox: "maya@example.com" })).toEqual(ALLOWED);
    vi.advanceTimersByTime(60_000);
    expect(await ask(4)).toEqual(ALLOWED);
  });
});

describe("C5: failures", () => {
  it("who failed too often is refused whatever comes next, until the minute is over", async () => {
    const { rateLimits } = limitsInMemory({ signIns: 100, installs: 100 });
    await rateLimits.noteFailure({ address: HERE });
    expect(await rateLimits.admit("signIns", { address: HERE })).toEqual(ALLOWED);
    await rateLimits.noteFailure({ address: HERE });
    for (const errand of ["signIns", "installs"] as const) {
      expect(await rateLimits.admit(errand, { address: HERE })).toEqual({
        allowed: false,
        retryAfterSeconds: 60,
      });
      expect(await rateLimits.admit(errand, { address: THERE })).toEqual(ALLOWED);
    }
    vi.advanceTimersByTime(60_000);
    expect(await rateLimits.admit("signIns", { address: HERE })).toEqual(ALLOWED);
  });

  it("sign-ins that succeed are none", async () => {
    const { rateLimits } = limitsInMemory({ signIns: 100, failures: 1 });
    const admit = () => rateLimits.admit("signIns", { address: HERE, tenantId: "old-oak" });
    expect(await attempts(20, admit)).not.toContain(false);
  });

  it("a tenant's, from many addresses, refuse sign-ins there, and no webhook that proved itself", async () => {
    const { rateLimits } = limitsInMemory();
    const tenantId = "old-oak";
    for (let i = 0; i < 10; i += 1) await rateLimits.noteFailure({ address: `192.0.2.${i}`, tenantId });
    const address = "198.51.100.1";
    expect(await rateLimits.admit("signIns", { address, tenantId })).toMatchObject({ allowed: false });
    expect(await rateLimits.admit("signIns", { address, tenantId: "bodega" })).toEqual(ALLOWED);
    expect(await rateLimits.admit("installs", { tenantId })).toEqual(ALLOWED);
  });
});

describe("C5: an attack does not become one on the store", () => {
  it("whoever has used everything up is refused from memory, for as long as the window lasts", async () => {
    let points = 0;
    const call = vi.fn(async (name: string) => {
      if (name === "find_rate_limit") return [];
      points += 1;
      return [{ points, ms_before_next: 30_000 }];
    });
    const { rateLimits } = limitsOver(call, {});
    const admit = () => rateLimits.admit("signIns", { address: HERE, tenantId: "old-oak" });
    await attempts(2, admit);
    const asked = call.mock.calls.length;
    expect(await attempts(1_000, admit)).not.toContain(true);
    expect(call).toHaveBeenCalledTimes(asked);
    points = 0;
    vi.advanceTimersByTime(30_001);
    expect(await admit()).toEqual(ALLOWED);
  });
});

describe("D5: a store that is away", () => {
  it("is left alone between probes, and the log tells it once", async () => {
    const { rateLimits, call, log } = limitsInMemory({ signIns: 1_000 });
    await attempts(50, () => rateLimits.admit("signIns", { address: HERE, tenantId: "old-oak" }));
    expect(call).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_500);
    await attempts(50, () => rateLimits.admit("signIns", { address: HERE, tenantId: "old-oak" }));
    expect(call).toHaveBeenCalledTimes(2);
    expect(log.warn.mock.calls).toEqual([
      [{ reason: "gone" }, expect.stringMatching(/rate limits.*database.*each instance counts for itself/)],
    ]);
    expect(log.error).not.toHaveBeenCalled();
  });
});
