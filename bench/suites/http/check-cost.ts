import { setTimeout as sleep } from "node:timers/promises";
import { median, percentile } from "../../measure/statistics";
import { type House, PAGE } from "./house";
import { load } from "./load";
import type { Knowing } from "./server-process";

export const CONNECTIONS = 32;
/** Each connection a few, however slow the machine is. */
const LEAST_PAGES = 4 * CONNECTIONS;
/** The way of knowing changes about so often while the code is being compiled. */
const BITE_MS = 300;
/** By then the activity of every request so far has been written. */
const WRITTEN_MS = 1_100;

/** A pair of rounds: with the check, and without. */
export type Pair = Record<"session" | "nothing", Round>;
type Round = { cpuUs: number; perSecond: number };

export type Plan = { pairs: number; roundMs: number; warmUpMs: number; settleMs: number };

/**
 * Rounds with the session check and without it in turn, in one process. Activity goes to the database up to a second
 * late: a round's CPU time is taken once all of it must have been written, and so with every round, checked or not.
 */
export async function measureCheck(house: House, plan: Plan, say: (detail: string) => void): Promise<Pair[]> {
  const { pairs, roundMs, warmUpMs, settleMs } = plan;
  say("/app: warm-up");
  const perMs = await settledRate(house, settleMs);
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Who is first changes, so that no drift favours one.
    const order = pair % 2 === 0 ? (["session", "nothing"] as const) : (["nothing", "session"] as const);
    const rounds: Partial<Pair> = {};
    for (const by of order) {
      say(`/app, known by ${by}: pair ${pair + 1} of ${pairs}`);
      await house.server.ask("know", by);
      await pages(house, enough(perMs * warmUpMs));
      rounds[by] = await round(house, enough(perMs * roundMs));
    }
    measured.push(rounds as Pair);
  }
  return measured;
}

/** Pages per millisecond, once the code of both ways has been compiled. */
async function settledRate(house: House, settleMs: number): Promise<number> {
  const untilMs = performance.now() + settleMs;
  let loaded = await pages(house, LEAST_PAGES);
  for (
    let by: Knowing = "nothing";
    performance.now() < untilMs;
    by = by === "nothing" ? "session" : "nothing"
  ) {
    await house.server.ask("know", by);
    loaded = await pages(house, enough((loaded.perSecond / 1_000) * BITE_MS));
  }
  return loaded.perSecond / 1_000;
}

async function round(house: House, amount: number): Promise<Round> {
  await house.server.ask("collectGarbage");
  const beforeUs = await house.server.ask("cpuUs");
  const { perSecond } = await pages(house, amount);
  await sleep(WRITTEN_MS);
  const cpuUs = ((await house.server.ask("cpuUs")) - beforeUs) / amount;
  return { cpuUs, perSecond };
}

const enough = (amount: number) => Math.max(LEAST_PAGES, Math.round(amount));

const pages = ({ page, cookies }: House, amount: number) =>
  load({ url: page, cookies, connections: CONNECTIONS, amount, expect: PAGE });

/** What the check adds, in percent, pair by pair: the median, the middle half, and the extremes. */
export function costOf(pairs: Pair[], of: (pair: Pair) => number) {
  const percents = pairs.map(of);
  return {
    medianPercent: median(percents),
    quarterPercent: percentile(percents, 0.25),
    threeQuartersPercent: percentile(percents, 0.75),
    leastPercent: Math.min(...percents),
    mostPercent: Math.max(...percents),
  };
}
