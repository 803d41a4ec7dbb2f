import { createSessionCache, type SessionCache } from "../../app/lib/sessions/cache";
import type { StoredSession } from "../../app/lib/sessions/store";
import { TOUCH_SECONDS } from "./model";

export type Trial = {
  sessions: number;
  instances: number;
  /** Of one session. */
  requestsPerSecond: number;
  sticky: boolean;
  cacheEntriesPerInstance: number;
  /** How busy the look-ups keep the database: its service time is scaled to the trial's small population. */
  databaseUtilisation: number;
  /** Look-ups that the formula expects, by which the service time is scaled. */
  expectedLookUpsPerSecond: number;
};

export type Outcome = {
  requests: number;
  missShare: number;
  touchRowsPerSecond: number;
  /** Until the database begins with a look-up, in service times. */
  meanWait: number;
};

/** Until the caches are as they stay. */
const WARM_UP_SECONDS = 120;
const MEASURED_SECONDS = 240;
const SEED = 20_261_121;

/**
 * Requests at random (a Poisson process) against the engine's own cache, one for each instance, on a clock of our own;
 * what it misses waits in one line before the database.
 */
export async function simulate(trial: Trial): Promise<Outcome> {
  const { sessions, instances, requestsPerSecond, sticky } = trial;
  const random = generator(SEED);
  let nowSeconds = 0;
  const caches = Array.from({ length: instances }, () => cacheOf(trial, () => nowSeconds * 1_000));
  const database = lineBefore(trial);
  const touches = touchCounter();
  const counted = { requests: 0, misses: 0 };
  for (;;) {
    nowSeconds += -Math.log(1 - random()) / (sessions * requestsPerSecond);
    if (nowSeconds >= WARM_UP_SECONDS + MEASURED_SECONDS) break;
    const isMeasured = nowSeconds >= WARM_UP_SECONDS;
    const session = Math.floor(random() * sessions);
    const instance = sticky ? session % instances : Math.floor(random() * instances);
    let missed = false;
    await (caches[instance] as SessionCache).find(String(session), 0, async () => {
      missed = true;
      return storedSession(String(session));
    });
    if (missed) database.arrive(nowSeconds, isMeasured);
    touches.note(nowSeconds, instance * sessions + session, isMeasured);
    if (!isMeasured) continue;
    counted.requests += 1;
    counted.misses += Number(missed);
  }
  return {
    requests: counted.requests,
    missShare: counted.misses / counted.requests,
    touchRowsPerSecond: touches.rows() / MEASURED_SECONDS,
    meanWait: database.meanWait(),
  };
}

function cacheOf({ cacheEntriesPerInstance }: Trial, clock: () => number): SessionCache {
  return createSessionCache({
    maxEntries: cacheEntriesPerInstance,
    maxBytes: Number.MAX_SAFE_INTEGER,
    clock,
    monotonic: clock,
  });
}

/** First come, first served; each takes as long as the other. */
function lineBefore({ databaseUtilisation, expectedLookUpsPerSecond }: Trial) {
  const serviceSeconds = databaseUtilisation / expectedLookUpsPerSecond;
  let [freeAtSeconds, waitedSeconds, served] = [0, 0, 0];
  return {
    arrive(atSeconds: number, isMeasured: boolean) {
      const beginsAtSeconds = Math.max(atSeconds, freeAtSeconds);
      freeAtSeconds = beginsAtSeconds + serviceSeconds;
      if (!isMeasured) return;
      waitedSeconds += beginsAtSeconds - atSeconds;
      served += 1;
    },
    meanWait: () => waitedSeconds / served / serviceSeconds,
  };
}

/** As each instance notes who was active: once for each session and second. */
function touchCounter() {
  let [second, rows] = [0, 0];
  const noted = new Set<number>();
  return {
    note(atSeconds: number, key: number, isMeasured: boolean) {
      const now = Math.floor(atSeconds / TOUCH_SECONDS);
      if (now !== second) noted.clear();
      second = now;
      if (isMeasured && !noted.has(key)) rows += 1;
      noted.add(key);
    },
    rows: () => rows,
  };
}

/** Live for as long as a trial takes. */
function storedSession(id: string): StoredSession {
  const endsAtMs = Number.MAX_SAFE_INTEGER;
  const session = {
    id,
    clientId: "client",
    tenantId: "winery",
    user: { id, name: "Jason Andres", email: null, role: null },
    origin: "open",
    device: null,
    data: {},
    revision: 0,
    createdAtMs: 0,
    expiresAtMs: endsAtMs,
    renewableUntilMs: endsAtMs,
    maxAgeSeconds: 28_800,
    idleTimeoutSeconds: 0,
    lastActivityAtMs: 0,
  } as const;
  return { session, secretHash: Buffer.alloc(0), previous: [] };
}

/** From 0 to 1, alike in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
