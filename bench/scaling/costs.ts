import type { Results } from "../report/results";

/** What the benchmark measured, as far as many sessions depend on it. */
export type MeasuredCosts = {
  /** Cores of the machine that measured it; client and database shared them. */
  cores: number;
  /** Of one instance, over HTTP, its sessions in memory. */
  requestsPerSecondPerInstance: number;
  cachedReadPerSecond: number;
  /** From the database, by the engine. */
  lookUpPerSecond: number;
  /** From Redis, by the engine; undefined where the run had none. */
  redisReadPerSecond?: number;
  bytesPerCachedSession: number;
  touchRowsPerSecond: number;
  walBytesPerTouch: number;
  signInsPerSecond: number;
  cleanupRowsPerSecond: number;
  bytesPerRow: number;
  indexBytesPerRow: number;
  /** From a sign-out's answer until every other instance refuses. */
  revocationP99Ms: number;
};

/** Where each of them is among a suite's figures: keys of objects, and names of entries in lists. */
const PLACES: Record<
  Exclude<keyof MeasuredCosts, "cores" | "redisReadPerSecond">,
  readonly [suite: string, ...path: string[]]
> = {
  requestsPerSecondPerInstance: ["http", "requestsPerSecondPerInstance"],
  cachedReadPerSecond: ["requests", "many", "Libero, with cache", "perSecond"],
  lookUpPerSecond: ["requests", "many", "Libero, PostgreSQL alone", "perSecond"],
  bytesPerCachedSession: ["memory", "bytesPerCachedSession"],
  touchRowsPerSecond: ["writes", "touchRowsPerSecond"],
  walBytesPerTouch: ["writes", "walBytesPerTouch"],
  signInsPerSecond: ["writes", "signInsPerSecond"],
  cleanupRowsPerSecond: ["cleanup", "cleanupRowsPerSecond"],
  bytesPerRow: ["growth", "bytesPerRow"],
  indexBytesPerRow: ["growth", "indexBytesPerRow"],
  revocationP99Ms: ["instances", "revocationP99Ms"],
};

const REDIS_PLACE = ["requests", "many", "Libero, Redis and PostgreSQL", "perSecond"];

/** @returns the costs, or the names of those that this run did not measure */
export function costsOf({ machine, suites }: Results): MeasuredCosts | { missing: string[] } {
  const figures = Object.fromEntries(
    suites.flatMap((suite) => ("result" in suite ? [[suite.name, suite.result.figures]] : [])),
  );
  const found = Object.entries(PLACES).map(
    ([name, path]) => [name, path.reduce<unknown>(step, figures)] as const,
  );
  const missing = found.filter(([, value]) => !isCost(value)).map(([name]) => name);
  if (missing.length > 0) return { missing };
  const redis = REDIS_PLACE.reduce<unknown>(step, figures);
  return {
    ...(Object.fromEntries(found) as Omit<MeasuredCosts, "cores">),
    ...(isCost(redis) ? { redisReadPerSecond: redis } : {}),
    cores: machine.cores,
  };
}

function step(at: unknown, key: string): unknown {
  if (Array.isArray(at)) return at.find((entry) => entry?.name === key);
  return at !== null && typeof at === "object" ? (at as Record<string, unknown>)[key] : undefined;
}

/** Divided by later, every one of them. */
const isCost = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;
