import type { MeasuredCosts } from "./costs";

/** How people use it, and how it is set. The formulas are in docs/scaling.md, in the same letters. */
export type Assumptions = {
  /** r: requests of one active session. */
  requestsPerSecond: number;
  /** L */
  lifetimeSeconds: number;
  /** Of the sessions, how many end by a sign-out; the others are cleaned up. */
  signedOutShare: number;
  /** u: how busy anything may be on average. */
  utilisation: number;
  /** So that one may die. */
  fewestInstances: number;
  /** Of one database server, at the most. */
  coresPerDatabase: number;
};

export const ASSUMPTIONS: Assumptions = {
  requestsPerSecond: 1 / 20,
  lifetimeSeconds: 8 * 3_600,
  signedOutShare: 0.5,
  utilisation: 0.6,
  fewestInstances: 2,
  coresPerDatabase: 32,
};

/** T: so long an instance believes what it read (`app/lib/sessions/cache.ts`). */
export const CACHE_SECONDS = 30;
/** … and Redis (`ENTRY_MS` in `app/lib/session-stores/redis-stamps.ts`). */
export const REDIS_SECONDS = 900;
/** Uses of a session within it are one row written (`app/lib/sessions/activity.ts`). */
export const TOUCH_SECONDS = 1;
/** Rows of a bite of the clean-up, one notice each (`app/lib/sessions/cleanup.ts`). */
const CLEANUP_BATCH = 1_000;

export type Setup = {
  /** Whether a session's requests go to one instance, or to any. */
  sticky: boolean;
  redis: boolean;
};

/** What one kind of work asks of the database, and how much of that it was measured to do when it did nothing else. */
export type Load = { what: string; perSecond: number; utilisation: number };

export type Needs = {
  requestsPerSecond: number;
  instances: number;
  /** Of the reads, how many are not answered from an instance's memory. */
  missShare: number;
  /** Of an instance's time, how much goes into reading sessions. */
  readingShare: number;
  cacheBytesPerInstance: number;
  redisReadsPerSecond: number;
  /** Of the database, the busiest first. */
  loads: [Load, ...Load[]];
  /** Of one database of the measured size: the sum of its loads. */
  utilisation: number;
  touchWalBytesPerSecond: number;
  noticesPerSecond: number;
  diskBytes: number;
};

/** Of reads that come at random, so often per second: each read from the store is followed by T seconds from memory. */
export const missShareOf = (readsPerSecond: number) => 1 / (1 + readsPerSecond * CACHE_SECONDS);

/** What so many active sessions take. */
export function needsOf(
  sessions: number,
  setup: Setup,
  costs: MeasuredCosts,
  assumed: Assumptions = ASSUMPTIONS,
): Needs {
  const { requestsPerSecond: r, lifetimeSeconds, signedOutShare } = assumed;
  const instances = instancesFor(sessions, setup, costs, assumed);
  /** Of one session at one instance that sees it. */
  const rate = setup.sticky ? r : r / instances;
  const seenPerInstance = setup.sticky ? sessions / instances : sessions;
  const missShare = missShareOf(rate);
  const misses = sessions * r * missShare;
  const cached = seenPerInstance * (1 - Math.exp(-rate * CACHE_SECONDS));
  const touches = instances * seenPerInstance * touchesPerSecond(rate);
  const starts = sessions / lifetimeSeconds;
  const signOuts = starts * signedOutShare;
  const swept = starts - signOuts;
  const load = (what: string, perSecond: number, capacity: number): Load => ({
    what,
    perSecond,
    utilisation: perSecond / capacity,
  });
  const loads = [
    load("look-ups", setup.redis ? pastRedis(sessions, misses) : misses, costs.lookUpPerSecond),
    load("touches", touches, costs.touchRowsPerSecond),
    // A sign-out writes as a sign-in does: a row, and an event.
    load("sign-ins and sign-outs", starts + signOuts, costs.signInsPerSecond),
    load("clean-up", swept, costs.cleanupRowsPerSecond),
  ].toSorted((a, b) => b.utilisation - a.utilisation) as Needs["loads"];
  return {
    requestsPerSecond: sessions * r,
    instances,
    missShare,
    readingShare:
      ((sessions * r) / instances) *
      ((1 - missShare) / costs.cachedReadPerSecond + missShare * missSeconds(setup, costs)),
    cacheBytesPerInstance: cached * costs.bytesPerCachedSession,
    redisReadsPerSecond: setup.redis ? misses : 0,
    loads,
    utilisation: loads.reduce((sum, { utilisation }) => sum + utilisation, 0),
    touchWalBytesPerSecond: touches * costs.walBytesPerTouch,
    noticesPerSecond: signOuts + swept / CLEANUP_BATCH,
    diskBytes: sessions * (costs.bytesPerRow + costs.indexBytesPerRow),
  };
}

/** Rows written for one session, by one instance that sees it so often. */
export const touchesPerSecond = (readsPerSecond: number) =>
  (1 - Math.exp(-readsPerSecond * TOUCH_SECONDS)) / TOUCH_SECONDS;

/** Each session is read from the database once, and then believed by Redis for its 15 minutes. */
const pastRedis = (sessions: number, misses: number) => sessions / (REDIS_SECONDS + sessions / misses);

/** More instances make more misses where balancing is not sticky, and misses make a request dearer. */
function instancesFor(sessions: number, setup: Setup, costs: MeasuredCosts, assumed: Assumptions) {
  const { requestsPerSecond: r, utilisation, fewestInstances } = assumed;
  let instances = fewestInstances;
  for (let round = 0; round < 100; round++) {
    const missShare = missShareOf(setup.sticky ? r : r / instances);
    const requestSeconds = 1 / costs.requestsPerSecondPerInstance + missShare * missSeconds(setup, costs);
    const needed = Math.max(fewestInstances, Math.ceil((sessions * r * requestSeconds) / utilisation));
    if (needed <= instances) break;
    instances = needed;
  }
  return instances;
}

/** What a read costs an instance that its memory does not answer. */
const missSeconds = ({ redis }: Setup, { redisReadPerSecond, lookUpPerSecond }: MeasuredCosts) =>
  1 / ((redis && redisReadPerSecond) || lookUpPerSecond);

type Step = { name: string; short: string; setup: Setup };

/** What to turn on, one after the other. */
export const STEPS: [Step, ...Step[]] = [
  { name: "any instance, memory and database", short: "nothing", setup: { sticky: false, redis: false } },
  { name: "sticky load balancing", short: "sticky", setup: { sticky: true, redis: false } },
  { name: "… and Redis", short: "sticky, Redis", setup: { sticky: true, redis: true } },
];

export type Plan = {
  /** Steps of `STEPS` taken, from 0. */
  step: number;
  needs: Needs;
  databases: number;
  coresPerDatabase: number;
  /** 0 where Redis is not needed; undefined where it was not measured. */
  redisNodes: number | undefined;
};

/** The first step that one database of the measured size bears; else all of them, and more and larger databases. */
export function planFor(sessions: number, costs: MeasuredCosts, assumed: Assumptions = ASSUMPTIONS): Plan {
  const tried = STEPS.map(({ setup }) => needsOf(sessions, setup, costs, assumed));
  const borne = tried.findIndex(({ utilisation }) => utilisation <= assumed.utilisation);
  const step = borne === -1 ? STEPS.length - 1 : borne;
  const needs = tried[step] as Needs;
  const cores = Math.max(costs.cores, Math.ceil((needs.utilisation * costs.cores) / assumed.utilisation));
  const databases = Math.ceil(cores / assumed.coresPerDatabase);
  const { redisReadPerSecond } = costs;
  return {
    step,
    needs,
    databases,
    coresPerDatabase: Math.ceil(cores / databases),
    redisNodes:
      needs.redisReadsPerSecond === 0
        ? 0
        : redisReadPerSecond &&
          Math.ceil(needs.redisReadsPerSecond / (redisReadPerSecond * assumed.utilisation)),
  };
}

/** So many active sessions one database of the measured size bears, with a setup. */
export function mostSessions(setup: Setup, costs: MeasuredCosts, assumed: Assumptions = ASSUMPTIONS): number {
  let [least, most] = [1, 1e12];
  for (let round = 0; round < 100; round++) {
    const middle = (least + most) / 2;
    if (needsOf(middle, setup, costs, assumed).utilisation <= assumed.utilisation) least = middle;
    else most = middle;
  }
  return least;
}

/** Mean wait for one server with arrivals at random and equal service times (Pollaczek and Khinchine), in service times. */
export const meanWait = (utilisation: number) => utilisation / (2 * (1 - utilisation));
