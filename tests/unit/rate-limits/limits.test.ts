import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../../app/lib/base/logger";
import type { Database } from "../../../app/lib/db/database";
import { createRateLimits, type Limits } from "../../../app/lib/rate-limits/limits";

const ALLOWED = { allowed: true };
const [HERE, THERE] = ["192.0.2.7", "192.0.2.8"];

/** A database that is away: memory counts. */
const limitsInMemory = (limits: Partial<Limits> = {}) =>
  limitsOver(
    vi.fn(() => Promise.reject(new Error("gone"))),
    limits,
  );

function limitsOver<Call extends Database["call"]>(call: Call, limits: Partial<Limits>) {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const rateLimits = createRateLimits({
    redis: undefined,
    db: { call } as unknown as Database,
    limits: { signIns: 2, installs: 2, failures: 2, links: 2, mailsPerHour: 8, ...limits },
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
    async (action) => {
      const { rateLimits } = limitsInMemory();
      const admit = (address = HERE) => rateLimits.admit(action, address);
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

  it("one address does not count for another, nor one action for the other", async () => {
    const { rateLimits } = limitsInMemory();
    await attempts(3, () => rateLimits.admit("signIns", HERE));
    expect(await rateLimits.admit("signIns", THERE)).toEqual(ALLOWED);
    expect(await rateLimits.admit("installs", HERE)).toEqual(ALLOWED);
  });

  it("a /64 is one address; the /56 and the /48 around it may do four and sixteen times as much", async () => {
    const { rateLimits } = limitsInMemory();
    const admit = (address: string) => rateLimits.admit("signIns", address);
    expect(await attempts(3, () => admit("2001:db8::1"))).toEqual([true, true, false]);
    expect(await admit("2001:db8::ffff:2")).toMatchObject({ allowed: false });
    const inThe56 = Array.from({ length: 20 }, (_, i) => `2001:db8:0:${(i + 1).toString(16)}::1`);
    const allowed = await Promise.all(inThe56.map(admit));
    expect(allowed.filter((verdict) => verdict.allowed)).toHaveLength(8 - 2);
    const inThe48 = Array.from({ length: 60 }, (_, i) => `2001:db8:0:${(256 * (i + 1)).toString(16)}::1`);
    const more = await Promise.all(inThe48.map(admit));
    expect(more.filter((verdict) => verdict.allowed)).toHaveLength(32 - 8);
    expect(await admit("2001:db8:1::1")).toEqual(ALLOWED);
  });

  it.each(["signIns", "installs", "links", "failures"] as const)("0 turns %s off", async (action) => {
    const { rateLimits } = limitsInMemory({
      signIns: 900,
      installs: 900,
      links: 900,
      failures: 9,
      [action]: 0,
    });
    const allowed = await attempts(1_000, async () => {
      if (action !== "failures") return rateLimits.admit(action, HERE);
      await rateLimits.noteFailure(HERE);
      return { allowed: true };
    });
    expect(allowed).not.toContain(false);
    expect(await rateLimits.admit(action === "failures" ? "signIns" : action, THERE)).toEqual(ALLOWED);
    if (action === "failures") expect(await rateLimits.admit("signIns", HERE)).toEqual(ALLOWED);
  });
});

describe("C5: limits by tenant, of what has proved to come from there", () => {
  it("five times an address's; another winery has its own", async () => {
    const { rateLimits } = limitsInMemory();
    expect(await attempts(11, () => rateLimits.admitTenant("signIns", "old-oak"))).toEqual([
      ...Array(10).fill(true),
      false,
    ]);
    expect(await rateLimits.admitTenant("signIns", "bodega")).toEqual(ALLOWED);
    expect(await rateLimits.admitTenant("installs", "old-oak")).toEqual(ALLOWED);
  });

  it("no number of attempts and failures of strangers uses it up", async () => {
    const { rateLimits } = limitsInMemory();
    for (let i = 0; i < 100; i += 1) {
      await rateLimits.admit("signIns", `192.0.2.${i}`);
      await rateLimits.noteFailure(`192.0.2.${i}`);
    }
    expect(await rateLimits.admit("signIns", "198.51.100.1")).toEqual(ALLOWED);
    expect(await rateLimits.admitTenant("signIns", "old-oak")).toEqual(ALLOWED);
  });
});

describe("C5: mails to a mailbox", () => {
  const mailbox = "olga@libero.example";

  it("so many in an hour, a quarter of them asked for by one address", async () => {
    const { rateLimits } = limitsInMemory();
    const mail = (address: string) => rateLimits.admitMail(mailbox, address);
    expect(await attempts(10, () => mail(HERE))).toEqual([true, true, ...Array(8).fill(false)]);
    expect(await mail(THERE)).toEqual(ALLOWED);
    expect(await attempts(20, () => mail("192.0.2.9"))).toContain(true);
    expect(await rateLimits.admitMail("jason@libero.example", HERE)).toEqual(ALLOWED);
    vi.advanceTimersByTime(3_600_000);
    expect(await mail(HERE)).toEqual(ALLOWED);
  });

  it("what one address is refused is not counted against the mailbox", async () => {
    const { rateLimits } = limitsInMemory();
    await attempts(1_000, () => rateLimits.admitMail(mailbox, HERE));
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) {
      expect(await attempts(2, () => rateLimits.admitMail(mailbox, address))).toEqual([true, true]);
    }
    expect(await rateLimits.admitMail(mailbox, "192.0.2.4")).toMatchObject({ allowed: false });
  });
});

describe("C5: failures", () => {
  it("who failed too often is refused whatever comes next, until the minute is over", async () => {
    const { rateLimits } = limitsInMemory({ signIns: 100, installs: 100 });
    await rateLimits.noteFailure(HERE);
    expect(await rateLimits.admit("signIns", HERE)).toEqual(ALLOWED);
    await rateLimits.noteFailure(HERE);
    for (const action of ["signIns", "installs"] as const) {
      expect(await rateLimits.admit(action, HERE)).toEqual({
        allowed: false,
        retryAfterSeconds: 60,
      });
      expect(await rateLimits.admit(action, THERE)).toEqual(ALLOWED);
    }
    vi.advanceTimersByTime(60_000);
    expect(await rateLimits.admit("signIns", HERE)).toEqual(ALLOWED);
  });

  it("sign-ins that succeed are none", async () => {
    const { rateLimits } = limitsInMemory({ signIns: 100, failures: 1 });
    const admit = () => rateLimits.admit("signIns", HERE);
    expect(await attempts(20, admit)).not.toContain(false);
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
    const admit = () => rateLimits.admit("signIns", HERE);
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
    await attempts(50, () => rateLimits.admit("signIns", HERE));
    expect(call).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_500);
    await attempts(50, () => rateLimits.admit("signIns", HERE));
    expect(call).toHaveBeenCalledTimes(2);
    expect(log.warn.mock.calls).toEqual([
      [{ reason: "gone" }, expect.stringMatching(/rate limits.*database.*each instance counts for itself/)],
    ]);
    expect(log.error).not.toHaveBeenCalled();
  });
});
