import { setTimeout as sleep } from "node:timers/promises";
import type { ContenderProcess } from "../contenders/process";
import { type Answered, sequence } from "./requests";
import { median, percentile, spread } from "./statistics";

export type RoundOptions = {
  /** How many requests are under way at a time. */
  concurrency: number;
  rounds: number;
  /** How long one round of one contender takes. */
  roundMs: number;
  /**
   * Libero writes once in so long who was active meanwhile, after it answered: its rounds last longer than that, so that it pays for the
   * write, and a pause follows each, so that nobody else does. 0 where that matters little, with few sessions.
   */
  writeBehindMs: number;
  say: (detail: string) => void;
};

export type Speed = {
  name: string;
  /** Median of the rounds. */
  perSecond: number;
  /** Of the rounds, as a share of the median: how far their middle half lies apart. */
  spread: number;
  p50Us: number;
  p99Us: number;
  /** Requests that were answered with another user than the cookie's. */
  wrong: number;
};

type Tally = { perSecond: number[]; latenciesUs: number[]; wrong: number; stride: number };

/** Of the fastest, one in so many calls is timed, so that reading the clock costs them next to nothing. */
const SAMPLED = 16;
/** Whoever makes fewer calls in a second has every one of them timed. */
const FEW_PER_SECOND = 20_000;

/**
 * Each contender in turn, round after round, so that whatever else the machine does meets all of them; the order is another each
 * time, so that nobody always comes after the same one. Every call is a whole request of a session picked at random, and its
 * answer is checked.
 */
export async function measureRounds(contenders: ContenderProcess[], options: RoundOptions): Promise<Speed[]> {
  const { concurrency, rounds, say } = options;
  const tallies = new Map<ContenderProcess, Tally>();
  for (const contender of contenders) {
    say(`${contender.name}: warm-up`);
    tallies.set(contender, await warmUp(contender, options));
  }
  const random = sequence();
  for (let round = 1; round <= rounds; round++) {
    for (const contender of shuffled(contenders, random)) {
      const tally = tallies.get(contender) as Tally;
      say(`${contender.name}: round ${round} of ${rounds}, ${concurrency} at a time`);
      const { calls, elapsedMs, latenciesUs, wrong } = await run(contender, options, tally.stride);
      tally.perSecond.push((calls / elapsedMs) * 1_000);
      for (const latencyUs of latenciesUs) tally.latenciesUs.push(latencyUs);
      tally.wrong += wrong;
    }
  }
  return contenders.map((contender) => speedOf(contender.name, tallies.get(contender) as Tally));
}

const speedOf = (name: string, { perSecond, latenciesUs, wrong }: Tally): Speed => ({
  name,
  perSecond: median(perSecond),
  spread: spread(perSecond),
  p50Us: median(latenciesUs),
  p99Us: percentile(latenciesUs, 0.99),
  wrong,
});

/** One round that does not count, but for its wrong answers and for how fast it was. */
async function warmUp(contender: ContenderProcess, options: RoundOptions): Promise<Tally> {
  const { calls, elapsedMs, wrong } = await run(contender, options, SAMPLED);
  const stride = calls / elapsedMs < FEW_PER_SECOND / 1_000 ? 1 : SAMPLED;
  return { perSecond: [], latenciesUs: [], wrong, stride };
}

async function run(contender: ContenderProcess, options: RoundOptions, stride: number): Promise<Answered> {
  const { concurrency, roundMs, writeBehindMs } = options;
  const writesBehind = contender.kind === "libero" && writeBehindMs > 0;
  const forMs = writesBehind ? Math.max(roundMs, writeBehindMs * 1.2) : roundMs;
  const answered = await contender.run({ concurrency, forMs, stride });
  if (writesBehind) await sleep(writeBehindMs);
  return answered;
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random() % (last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
