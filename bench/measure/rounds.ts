import { setImmediate as turn } from "node:timers/promises";
import type { Contender } from "../contenders/contender";
import { median, percentile, spread } from "./statistics";

export type RoundOptions = {
  /** How many requests are under way at a time. */
  concurrency: number;
  rounds: number;
  /** About how long one round of one contender takes. */
  roundMs: number;
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

type Tally = { perSecond: number[]; latenciesUs: number[]; wrong: number; callsPerRound: number };

/** Of the fastest, one in so many calls is timed, so that reading the clock costs them next to nothing. */
const SAMPLED = 16;
/** Whoever makes fewer calls in a round has every one of them timed. */
const FEW_CALLS = 20_000;

/** Every so many calls of a worker, the process attends to timers and sockets, as a server does between requests. */
const CALLS_PER_TURN = 128;

/**
 * Each contender in turn, round after round, so that whatever else the machine does meets all of them. Every call is a
 * whole request of a session picked at random, and its answer is checked.
 */
export async function measureRounds(contenders: Contender[], options: RoundOptions): Promise<Speed[]> {
  const { concurrency, rounds, roundMs, say } = options;
  const tallies = new Map<Contender, Tally>();
  for (const contender of contenders) {
    say(`${contender.name}: warm-up`);
    tallies.set(contender, await warmUp(contender, concurrency, roundMs));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [contender, tally] of tallies) {
      say(`${contender.name}: round ${round} of ${rounds}, ${concurrency} at a time`);
      globalThis.gc?.();
      const elapsedMs = await run(contender, concurrency, tally);
      tally.perSecond.push((tally.callsPerRound / elapsedMs) * 1_000);
    }
  }
  return [...tallies].map(([{ name }, { perSecond, latenciesUs, wrong }]) => ({
    name,
    perSecond: median(perSecond),
    spread: spread(perSecond),
    p50Us: median(latenciesUs),
    p99Us: percentile(latenciesUs, 0.99),
    wrong,
  }));
}

/** Twice as many calls each time, until a round would take about as long as it should. */
async function warmUp(contender: Contender, concurrency: number, roundMs: number): Promise<Tally> {
  for (let calls = concurrency; ; calls *= 2) {
    const tally = { perSecond: [], latenciesUs: [], wrong: 0, callsPerRound: calls };
    const elapsedMs = await run(contender, concurrency, tally);
    if (elapsedMs < roundMs / 2) continue;
    const callsPerRound = Math.max(concurrency, Math.round((calls * roundMs) / elapsedMs));
    return { perSecond: [], latenciesUs: [], wrong: tally.wrong, callsPerRound };
  }
}

/** @returns how long it took, in milliseconds */
async function run({ sessions, read }: Contender, concurrency: number, tally: Tally): Promise<number> {
  const picked = pick(sessions.length, tally.callsPerRound);
  const stride = picked.length < FEW_CALLS ? 1 : SAMPLED;
  let next = 0;
  const worker = async () => {
    for (let made = 1; next < picked.length; made++) {
      const { cookie, userId } = sessions[picked[next++] as number] as Contender["sessions"][number];
      const sampled = made % stride === 0;
      const startedMs = sampled ? performance.now() : 0;
      if ((await read(cookie)) !== userId) tally.wrong += 1;
      if (sampled) tally.latenciesUs.push((performance.now() - startedMs) * 1_000);
      if (made % CALLS_PER_TURN === 0) await turn();
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  return performance.now() - startedMs;
}

/** At random, and alike for everybody: a multiplicative generator (Park and Miller, 1988). */
function pick(among: number, count: number): Uint32Array {
  let state = 48_271;
  return Uint32Array.from({ length: count }, () => {
    state = (state * 48_271) % 0x7fffffff;
    return state % among;
  });
}
