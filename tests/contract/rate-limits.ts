import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RateLimits } from "../../app/lib/rate-limits/limits";

/** A store of counts, as several instances of the app share it. */
export type CountsUnderTest = {
  /** Another instance, which remembers nothing of its own. */
  instance(): RateLimits;
  /** Ends every window. */
  expire(): Promise<void>;
  /** Everything that is kept, as text. */
  kept(): Promise<string>;
  close(): Promise<void>;
};

export const LIMITS = { signIns: 20, installs: 20, failures: 3, links: 20, mailsPerHour: 8 };

/** How many attempts of each kind came out how. */
const allowedOf = (verdicts: { allowed: boolean }[]) => verdicts.filter(({ allowed }) => allowed).length;

/** An address that no other test has. */
const anAddress = () => {
  const groups = randomUUID().slice(0, 8).match(/..../g) as string[];
  return `2001:db8:${groups.join(":")}::7`;
};

/** What holds of limits wherever they are counted. */
export function describeRateLimits(name: string, open: () => Promise<CountsUnderTest>) {
  describe(`C5: rate limits, counted by ${name}`, () => {
    let counts: CountsUnderTest;
    beforeAll(async () => {
      counts = await open();
    });
    afterAll(() => counts.close());

    it("of 50 attempts at once, on two instances, as many are let through as the limit says", async () => {
      const instances = [counts.instance(), counts.instance()];
      const address = anAddress();
      const attempts = Array.from({ length: 50 }, (_, i) =>
        (instances[i % 2] as RateLimits).admit("signIns", address),
      );
      expect(allowedOf(await Promise.all(attempts))).toBe(LIMITS.signIns);
    });

    it("who is refused is told when to come again, on every instance, and then may", async () => {
      const address = anAddress();
      const first = counts.instance();
      for (let i = 0; i < LIMITS.installs; i += 1) await first.admit("installs", address);
      for (const instance of [first, counts.instance()]) {
        const verdict = await instance.admit("installs", address);
        if (verdict.allowed) throw new Error("let through");
        expect(verdict.retryAfterSeconds).toBeGreaterThan(50);
        expect(verdict.retryAfterSeconds).toBeLessThanOrEqual(60);
      }
      expect(await first.admit("installs", anAddress())).toEqual({ allowed: true });
      await counts.expire();
      expect(await counts.instance().admit("installs", address)).toEqual({ allowed: true });
    });

    it("a failure on one instance counts on the others, until its window is over", async () => {
      const address = anAddress();
      for (let i = 0; i < LIMITS.failures; i += 1) {
        expect(await counts.instance().admit("signIns", address)).toEqual({ allowed: true });
        await counts.instance().noteFailure(address);
      }
      expect(await counts.instance().admit("signIns", address)).toMatchObject({
        allowed: false,
      });
      await counts.expire();
      expect(await counts.instance().admit("signIns", address)).toEqual({ allowed: true });
    });

    it("keeps neither the address, the tenant nor the mailbox", async () => {
      const address = "203.0.113.77";
      await counts.instance().admit("signIns", address);
      await counts.instance().admitTenant("signIns", "the-same-winery");
      await counts.instance().admitMail("jason@spectra.example", address);
      const kept = await counts.kept();
      expect(kept).toMatch(/test:rate:signIns:address:[\w-]{22}/);
      expect(kept).not.toMatch(/203\.0\.113|the-winery|jason/);
    });
  });
}
