import { describe, expect, it } from "vitest";
import { checkModel, trialOf } from "../../../bench/scaling/checks";
import { costsOf, type MeasuredCosts } from "../../../bench/scaling/costs";
import {
  ASSUMPTIONS,
  meanWait,
  missShareOf,
  mostSessions,
  needsOf,
  planFor,
  STEPS,
} from "../../../bench/scaling/model";
import { planTable } from "../../../bench/scaling/page";
import { simulate } from "../../../bench/scaling/simulate";
import { results } from "./results";

/** Round ones, to reckon with by hand. */
const COSTS: MeasuredCosts = {
  cores: 2,
  requestsPerSecondPerInstance: 1_000,
  cachedReadPerSecond: 200_000,
  lookUpPerSecond: 10_000,
  redisReadPerSecond: 20_000,
  bytesPerCachedSession: 2_000,
  touchRowsPerSecond: 50_000,
  walBytesPerTouch: 200,
  signInsPerSecond: 2_000,
  cleanupRowsPerSecond: 20_000,
  bytesPerRow: 400,
  indexBytesPerRow: 100,
  revocationP99Ms: 5,
};
const [ANY, STICKY, REDIS] = STEPS.map(({ setup }) => setup) as [Setup, Setup, Setup];
type Setup = (typeof STEPS)[number]["setup"];
const loadOf = (needs: ReturnType<typeof needsOf>, what: string) =>
  needs.loads.find((load) => load.what === what);

describe("what sessions take", () => {
  const needs = needsOf(1e6, STICKY, COSTS);

  it("reads: of 2.5 requests in 50 s the first is read from the store, and 30 s of them from memory", () => {
    expect(missShareOf(1 / 20)).toBeCloseTo(0.4);
    expect(needs.requestsPerSecond).toBe(50_000);
    expect(loadOf(needs, "look-ups")).toMatchObject({
      perSecond: expect.closeTo(20_000),
      utilisation: expect.closeTo(2),
    });
  });

  it("instances: a request costs what it was measured to, and its share of a look-up, at 60 %", () => {
    expect(needs.instances).toBe(Math.ceil((50_000 * (1 / 1_000 + 0.4 / 10_000)) / 0.6));
  });

  it("an instance's time: what reads cost it, from memory and past it", () => {
    const perInstance = 50_000 / needs.instances;
    expect(needs.readingShare).toBeCloseTo(perInstance * (0.6 / 200_000 + 0.4 / 10_000));
    expect(needsOf(1e6, REDIS, COSTS).instances).toBe(Math.ceil((50_000 * (1 / 1_000 + 0.4 / 20_000)) / 0.6));
  });

  it("memory: the sessions used within 30 s", () => {
    const cached = (1e6 / needs.instances) * (1 - Math.exp(-1.5));
    expect(needs.cacheBytesPerInstance).toBeCloseTo(cached * 2_000);
  });

  it("writes: one row a second and session at most, a sign-in every 8 hours, and every end", () => {
    expect(loadOf(needs, "touches")?.perSecond).toBeCloseTo(1e6 * (1 - Math.exp(-0.05)));
    expect(loadOf(needs, "sign-ins and sign-outs")?.perSecond).toBeCloseTo((1.5 * 1e6) / 28_800);
    expect(loadOf(needs, "clean-up")?.perSecond).toBeCloseTo(1e6 / 28_800 / 2);
    expect(needs.touchWalBytesPerSecond).toBeCloseTo(1e6 * (1 - Math.exp(-0.05)) * 200);
    expect(needs.noticesPerSecond).toBeCloseTo((1e6 / 28_800 / 2) * 1.001);
    expect(needs.diskBytes).toBe(5e8);
  });

  it("the first wall is the highest utilisation, and they add up", () => {
    expect(needs.loads.map(({ what }) => what)).toEqual([
      "look-ups",
      "touches",
      "sign-ins and sign-outs",
      "clean-up",
    ]);
    expect(needs.utilisation).toBeCloseTo(needs.loads.reduce((sum, load) => sum + load.utilisation, 0));
    const dearTouches = needsOf(1e6, STICKY, { ...COSTS, touchRowsPerSecond: 100 });
    expect(dearTouches.loads[0]?.what).toBe("touches");
  });

  it("without sticky load balancing memory is of less use, the more instances there are", () => {
    const shares = [1e4, 1e5, 1e6].map((sessions) => needsOf(sessions, ANY, COSTS).missShare);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[2]).toBeGreaterThan(0.9);
  });

  it("Redis lets through one look-up in a quarter of an hour", () => {
    const behind = needsOf(1e6, REDIS, COSTS);
    expect(loadOf(behind, "look-ups")?.perSecond).toBeCloseTo(1e6 / (900 + 50), 0);
    expect(behind.redisReadsPerSecond).toBeCloseTo(20_000);
  });
});

describe("the plan", () => {
  it("turns on nothing that is not needed", () => {
    expect(planFor(1e4, COSTS)).toMatchObject({ step: 0, databases: 1, coresPerDatabase: 2, redisNodes: 0 });
    expect(planFor(1e4, COSTS).needs.instances).toBe(ASSUMPTIONS.fewestInstances);
  });

  it("takes one step after the other, and then more and larger databases", () => {
    const [a, b, c] = STEPS.map(({ setup }) => mostSessions(setup, COSTS)) as [number, number, number];
    expect(a).toBeLessThan(b);
    expect(b).toBeLessThan(c);
    expect([a, b, c].map((most) => planFor(most * 0.99, COSTS).step)).toEqual([0, 1, 2]);
    expect(planFor(c * 1.01, COSTS)).toMatchObject({ step: 2, databases: 1, coresPerDatabase: 3 });
    const huge = planFor(1e8, COSTS);
    expect(huge.databases).toBe(Math.ceil(Math.ceil((huge.needs.utilisation * 2) / 0.6) / 32));
    expect(huge.redisNodes).toBe(Math.ceil(2e6 / 12_000));
  });

  it("says so where Redis was not measured", () => {
    const { redisReadPerSecond: _, ...without } = COSTS;
    expect(planFor(1e8, without).redisNodes).toBeUndefined();
    expect(planTable(without)).toMatch(/Redis nodes .*not measured/);
  });
});

describe("the simulation, on the engine's own cache", { timeout: 60_000 }, () => {
  it("agrees with the formulas within 3 %, of waiting within 5 %", async () => {
    const checks = await checkModel();
    expect(checks).toHaveLength(6);
    for (const { what, formula, isLeast, simulated, unit } of checks) {
      if (isLeast) expect(simulated, what).toBeGreaterThanOrEqual(formula);
      else
        expect(Math.abs(simulated / formula - 1), what).toBeLessThan(unit === "service times" ? 0.05 : 0.03);
    }
  });

  it("sees more misses where memory is short, and a longer wait where the database is busier", async () => {
    const trial = trialOf({ sticky: true });
    const usual = await simulate(trial);
    const short = await simulate({
      ...trial,
      cacheEntriesPerInstance: Math.round(trial.cacheEntriesPerInstance / 2),
    });
    const busy = await simulate({ ...trial, databaseUtilisation: 0.8 });
    expect(short.missShare).toBeGreaterThan(usual.missShare * 1.3);
    expect(busy.missShare).toBe(usual.missShare);
    expect(busy.meanWait).toBeGreaterThan(meanWait(0.7));
  });
});

describe("the costs", () => {
  const { cores, cachedReadPerSecond, lookUpPerSecond, redisReadPerSecond: _, ...others } = COSTS;
  const many = [
    { name: "Libero, with cache", perSecond: cachedReadPerSecond },
    { name: "Libero, PostgreSQL alone", perSecond: lookUpPerSecond },
  ];
  const run = results({ figures: { many } });

  it("names what a run did not measure", () => {
    expect(costsOf(run)).toEqual({ missing: expect.arrayContaining(["touchRowsPerSecond", "bytesPerRow"]) });
    expect(costsOf(run)).not.toMatchObject({ missing: expect.arrayContaining(["lookUpPerSecond"]) });
  });

  it("takes each from its place", () => {
    const names = ["http", "growth", "writes", "cleanup", "instances", "memory"];
    const suites = names.map((name) => ({
      name,
      title: name,
      tookSeconds: 1,
      result: { tables: [], targets: [], charts: [], figures: others },
    }));
    const whole = { ...run, suites: [...run.suites.slice(0, 1), ...suites] };
    expect(costsOf(whole)).toEqual({ ...others, cores, cachedReadPerSecond, lookUpPerSecond });
  });

  it("takes no 0 for a cost", () => {
    const zero = results({ figures: { many: [{ name: "Libero, with cache", perSecond: 0 }] } });
    expect(costsOf(zero)).toMatchObject({ missing: expect.arrayContaining(["cachedReadPerSecond"]) });
  });
});
