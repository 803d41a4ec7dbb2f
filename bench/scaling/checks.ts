import { ASSUMPTIONS, CACHE_SECONDS, meanWait, missShareOf, touchesPerSecond } from "./model";
import { type Outcome, simulate, type Trial } from "./simulate";

/** What a formula says, and what came of trying it. */
export type Check = {
  what: string;
  formula: number;
  /** Where the formula is a bound that nothing can be better than. */
  isLeast?: boolean;
  simulated: number;
  unit: "%" | "rows/s" | "service times";
};

const SESSIONS = 4_000;
const INSTANCES = 8;
const { requestsPerSecond, utilisation } = ASSUMPTIONS;

/** The formulas of the model, each beside a simulation on a population small enough to try in seconds. */
export async function checkModel(): Promise<Check[]> {
  const [sticky, spread] = [trialOf({ sticky: true }), trialOf({ sticky: false })];
  const few = { ...sticky, cacheEntriesPerInstance: Math.round(sticky.cacheEntriesPerInstance / 2) };
  const [atOne, atAny, ofFew] = [await simulate(sticky), await simulate(spread), await simulate(few)];
  const shareKept = (few.cacheEntriesPerInstance * INSTANCES) / SESSIONS;
  return [
    misses("sticky", missShareOf(requestsPerSecond), atOne),
    misses("any of 8 instances", missShareOf(requestsPerSecond / INSTANCES), atAny),
    { ...misses("sticky, with half of that memory", 1 - shareKept, ofFew), isLeast: true },
    {
      what: "rows touched, sticky",
      formula: SESSIONS * touchesPerSecond(requestsPerSecond),
      simulated: atOne.touchRowsPerSecond,
      unit: "rows/s",
    },
    {
      what: "rows touched, any of 8 instances",
      formula: INSTANCES * SESSIONS * touchesPerSecond(requestsPerSecond / INSTANCES),
      simulated: atAny.touchRowsPerSecond,
      unit: "rows/s",
    },
    {
      what: `mean wait for the database at ${utilisation * 100} %`,
      formula: meanWait(utilisation),
      simulated: atOne.meanWait,
      unit: "service times",
    },
  ];
}

/** Each cache has just the entries that the formula asks for. */
export function trialOf({ sticky }: Pick<Trial, "sticky">): Trial {
  const rate = sticky ? requestsPerSecond : requestsPerSecond / INSTANCES;
  const seen = sticky ? SESSIONS / INSTANCES : SESSIONS;
  return {
    sessions: SESSIONS,
    instances: INSTANCES,
    requestsPerSecond,
    sticky,
    cacheEntriesPerInstance: Math.ceil(seen * (1 - Math.exp(-rate * CACHE_SECONDS))),
    databaseUtilisation: utilisation,
    expectedLookUpsPerSecond: SESSIONS * requestsPerSecond * missShareOf(rate),
  };
}

const misses = (what: string, formula: number, { missShare }: Outcome): Check => ({
  what: `reads not answered from memory, ${what}`,
  formula: formula * 100,
  simulated: missShare * 100,
  unit: "%",
});
