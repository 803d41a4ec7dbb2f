import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Contender } from "../contenders/contender";
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
  /** Whose cache runs out between two of its rounds: it reads each session once before them, untimed. */
  refilled: (contender: Contender) => boolean;
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

type Run = { calls: number; elapsedMs: number };
type Tally = { perSecond: number[]; latenciesUs: number[]; wrong: number; stride: number };

/** Of the fastest, one in so many calls is timed, so that reading the clock costs them next to nothing. */
const SAMPLED = 16;
/** Whoever makes fewer calls in a second has every one of them timed. */
const FEW_PER_SECOND = 20_000;
/** Every so many calls of a worker, the process attends to timers and sockets, as a server does between requests. */
const CALLS_PER_TURN = 128;
/** Whoever does not come to an end in this time after its round hangs. */
const PATIENCE_MS = 20_000;

/**
 * Each contender in turn, round after round, so that whatever else the machine does meets all of them; the order is another each
 * time, so that nobody always comes after the same one. Every call is a whole request of a session picked at random, and its
 * answer is checked.
 */
export async function measureRounds(contenders: Contender[], options: RoundOptions): Promise<Speed[]> {
  const { concurrency, rounds, say } = options;
  const tallies = new Map<Contender, Tally>();
  for (const contender of contenders) {
    say(`${contender.name}: warm-up`);
    tallies.set(contender, await warmUp(contender, options));
  }
  const random = sequence();
  for (let round = 1; round <= rounds; round++) {
    for (const contender of shuffled(contenders, random)) {
      const tally = tallies.get(contender) as Tally;
      say(`${contender.name}: round ${round} of ${rounds}, ${concurrency} at a time`);
      globalThis.gc?.();
      const { calls, elapsedMs } = await run(contender, options, tally);
      tally.perSecond.push((calls / elapsedMs) * 1_000);
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
async function warmUp(contender: Contender, options: RoundOptions): Promise<Tally> {
  const tally = { perSecond: [], latenciesUs: [], wrong: 0, stride: SAMPLED };
  const { calls, elapsedMs } = await run(contender, options, tally);
  const stride = calls / elapsedMs < FEW_PER_SECOND / 1_000 ? 1 : SAMPLED;
  return { perSecond: [], latenciesUs: [], wrong: tally.wrong, stride };
}

async function run(contender: Contender, options: RoundOptions, tally: Tally): Promise<Run> {
  const { concurrency, roundMs, writeBehindMs, refilled } = options;
  const writesBehind = contender.kind === "libero" && writeBehindMs > 0;
  const forMs = writesBehind ? Math.max(roundMs, writeBehindMs * 1.2) : roundMs;
  const late = `${contender.name} does not answer`;
  if (refilled(contender)) await within(PATIENCE_MS, late, refill(contender));
  const timed = requests(contender, { concurrency, forMs }, tally);
  const measured = await within(forMs + PATIENCE_MS, late, timed);
  if (writesBehind) await sleep(writeBehindMs);
  return measured;
}

async function refill({ sessions, read }: Contender): Promise<void> {
  const rest = sessions.values();
  const worker = async () => {
    for (const { cookie } of rest) await read(cookie);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** Workers that make one call after the other until the time is over; the last calls are waited for, and count. */
async function requests(
  { sessions, read }: Contender,
  { concurrency, forMs }: { concurrency: number; forMs: number },
  tally: Tally,
): Promise<Run> {
  const random = sequence();
  const startedMs = performance.now();
  const endMs = startedMs + forMs;
  let calls = 0;
  const worker = async (_: unknown, index: number) => {
    // Workers time different calls, so that they do not wait for one another's reading of the clock.
    for (let at = index + 1; ; at++) {
      const sampled = at % tally.stride === 0;
      const sentMs = sampled ? performance.now() : 0;
      if (sentMs > endMs) return;
      const { cookie, userId } = sessions[random() % sessions.length] as Contender["sessions"][number];
      calls += 1;
      if ((await read(cookie)) !== userId) tally.wrong += 1;
      if (sampled) tally.latenciesUs.push((performance.now() - sentMs) * 1_000);
      if (at % CALLS_PER_TURN === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { calls, elapsedMs: performance.now() - startedMs };
}

async function within<T>(ms: number, otherwise: string, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, over).then(() => {
    throw new Error(otherwise);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => {});
    over.abort();
  }
}

/** At random, and alike for everybody: a multiplicative generator (Park and Miller, 1988). */
function sequence(): () => number {
  let state = 48_271;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state;
  };
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
