import type { Cluster, Redis } from "ioredis";
import { HOUR_SECONDS } from "../base/durations";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import { type AddressKey, addressKeys } from "./address";
import { type Counter, countStores, createCounter, type Verdict } from "./counter";

export type { Verdict } from "./counter";

/** What an address may do in a minute, and how many mails a mailbox gets in an hour; 0: any number. */
export type Limits = {
  signIns: number;
  installs: number;
  failures: number;
  links: number;
  mailsPerHour: number;
};

/** What is counted before anything is done for it. */
export type LimitedAction = "signIns" | "installs" | "links";

/** A winery has many people: what has proved to come from it may be so many times what an address may do. */
const TENANT_FACTOR = 5;

/** One network gets no more than its part of what a mailbox may get, so that the owner's own request is not the one left out. */
const SENDERS_OF_A_MAILBOX = 4;

/**
 * Rate limits. A refused request counts against the address that sent it and no other, so that no stranger can keep others from
 * signing in.
 */
export interface RateLimits {
  /**
   * Counts an attempt of an address, and of the networks around it, and tells whether it may go on: none of them has made too
   * many, or failed too often. Never throws.
   */
  admit(action: LimitedAction, address: string | undefined): Promise<Verdict>;

  /** Counts what has proved to come from a tenant. Never throws. */
  admitTenant(action: "signIns" | "installs", tenantId: string): Promise<Verdict>;

  /** Counts a mail to a mailbox, asked for by an address: there and in all. Never throws. */
  admitMail(mailbox: string, address: string | undefined): Promise<Verdict>;

  /** Counts an attempt whose credentials turned out to be wrong. Never throws. */
  noteFailure(address: string | undefined): Promise<void>;
}

type RateLimitsOptions = {
  /** A client that connects by itself; while it is not connected, the database counts. */
  redis: Redis | Cluster | undefined;
  db: Database;
  limits: Limits;
  /** What every key begins with, so that several apps can share a Redis. */
  prefix: string;
  logger: Logger;
};

/** Limits kept in Redis where there is one, else in the database, else in memory. */
export function createRateLimits({ redis, db, limits, prefix, logger }: RateLimitsOptions): RateLimits {
  const stores = countStores(redis, db, logger);
  const counters = new Map<string, Counter>();
  /** One for each limit: a counter knows one limit for all of its keys. */
  const counter = (what: string, by: string, most: number, windowSeconds?: number): Counter => {
    const name = `${prefix}:rate:${what}:${by}`;
    const made = counters.get(name) ?? createCounter({ prefix: name, most, windowSeconds, stores, logger });
    counters.set(name, made);
    return made;
  };
  const ofAddress = (what: keyof Limits, { factor }: AddressKey) =>
    counter(what, factor === 1 ? "address" : `address x${factor}`, factor * limits[what]);

  /** In turn, up to the first that refuses: what is refused is not counted any further. */
  const inTurn = async (asked: (() => Promise<Verdict>)[]): Promise<Verdict> => {
    for (const ask of asked) {
      const verdict = await ask();
      if (!verdict.allowed) return verdict;
    }
    return { allowed: true };
  };

  return {
    admit(action, address) {
      const keys = addressKeys(address);
      // Counted first: who has used everything up is refused from memory, without a question to the store.
      return inTurn([
        ...keys.map((of) => () => ofAddress(action, of).count(of.key)),
        ...keys.map((of) => () => ofAddress("failures", of).look(of.key)),
      ]);
    },
    admitTenant: (action, tenantId) =>
      counter(action, "tenant", TENANT_FACTOR * limits[action]).count(tenantId),
    admitMail(mailbox, address) {
      const [sender] = addressKeys(address);
      const most = limits.mailsPerHour;
      const part = Math.ceil(most / SENDERS_OF_A_MAILBOX);
      return inTurn([
        () => counter("mails", "mailbox and address", part, HOUR_SECONDS).count(`${mailbox} ${sender.key}`),
        () => counter("mails", "mailbox", most, HOUR_SECONDS).count(mailbox),
      ]);
    },
    async noteFailure(address) {
      await Promise.all(addressKeys(address).map((of) => ofAddress("failures", of).count(of.key)));
    },
  };
}
