import type { Cluster, Redis } from "ioredis";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import { addressKey } from "./address";
import { countStores, createCounter, type Verdict } from "./counter";

export type { Verdict } from "./counter";

/** What an address may do in a minute; 0: as often as it likes. */
export type LimitsPerMinute = { signIns: number; installs: number; failures: number; links: number };

/**
 * A tenant may do so many times what an address may: a winery has many people, and a stranger, who can name any
 * tenant, must not be able to lock one out from a single address.
 */
const TENANT_FACTOR = 5;

/**
 * Whose doing it is: an address, as a socket or proxy writes it, and the tenant where it is known; for a link by e-mail,
 * the mailbox that it goes to.
 */
export type Doer = { address?: string; tenantId?: string; mailbox?: string };

/** What is counted before anything is done for it. */
export type Errand = "signIns" | "installs" | "links";

export interface RateLimits {
  /**
   * Counts an attempt, and tells whether it may go on: neither the address nor the tenant (nor the mailbox) has made too
   * many, nor has either failed too often. What an address is refused counts against nobody else. Never throws.
   */
  admit(errand: Errand, doer: Doer): Promise<Verdict>;

  /** Counts an attempt whose credentials turned out to be wrong. Never throws. */
  noteFailure(doer: Doer): Promise<void>;
}

type RateLimitsOptions = {
  /** A client that connects by itself; while it is not connected, the database counts. */
  redis: Redis | Cluster | undefined;
  db: Database;
  limits: LimitsPerMinute;
  /** What every key begins with, so that several apps can share a Redis. */
  prefix: string;
  logger: Logger;
};

/** Limits by address and by tenant, kept in Redis where there is one, else in the database, else in memory. */
export function createRateLimits({ redis, db, limits, prefix, logger }: RateLimitsOptions): RateLimits {
  const stores = countStores(redis, db, logger);
  const counter = (errand: keyof LimitsPerMinute, by: string, most: number) =>
    createCounter({ prefix: `${prefix}:rate:${errand}:${by}`, most, stores, logger });
  const counters = (errand: keyof LimitsPerMinute) => ({
    address: counter(errand, "address", limits[errand]),
    tenant: counter(errand, "tenant", TENANT_FACTOR * limits[errand]),
  });
  const by = { signIns: counters("signIns"), installs: counters("installs"), links: counters("links") };
  const failures = counters("failures");
  // A mailbox gets no more than one address may ask for: whoever owns it has to read what comes.
  const mailboxes = counter("links", "mailbox", limits.links);

  return {
    async admit(errand, { address, tenantId, mailbox }) {
      const network = address === undefined ? undefined : addressKey(address);
      if (network !== undefined) {
        const verdict = await by[errand].address.count(network);
        if (!verdict.allowed) return verdict;
      }
      const verdicts = await Promise.all([
        ...(network === undefined ? [] : [failures.address.look(network)]),
        ...(tenantId === undefined ? [] : [by[errand].tenant.count(tenantId)]),
        ...(mailbox === undefined ? [] : [mailboxes.count(mailbox)]),
        // A webhook proves itself: what strangers try in a tenant's name does not stop it.
        ...(tenantId === undefined || errand === "installs" ? [] : [failures.tenant.look(tenantId)]),
      ]);
      return severest(verdicts);
    },
    async noteFailure({ address, tenantId }) {
      await Promise.all([
        address === undefined ? undefined : failures.address.count(addressKey(address)),
        tenantId === undefined ? undefined : failures.tenant.count(tenantId),
      ]);
    },
  };
}

/** The one that asks for the longest wait. */
function severest(verdicts: Verdict[]): Verdict {
  const waits = verdicts.map((verdict) => (verdict.allowed ? 0 : verdict.retryAfterSeconds));
  const retryAfterSeconds = Math.max(0, ...waits);
  return retryAfterSeconds === 0 ? { allowed: true } : { allowed: false, retryAfterSeconds };
}
