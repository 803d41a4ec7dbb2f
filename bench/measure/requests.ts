import { setImmediate as turn } from "node:timers/promises";
import type { Contender } from "../contenders/contender";

export type Round = {
  /** How many requests are under way at a time. */
  concurrency: number;
  forMs: number;
  /** Of each worker's calls, one in so many is timed. */
  stride: number;
};

export type Answered = {
  calls: number;
  elapsedMs: number;
  /** Of the calls that were timed. */
  latenciesUs: number[];
  /** Requests that were answered with another user than the cookie's. */
  wrong: number;
};

/** Every so many calls of a worker, the process attends to timers and sockets, as a server does between requests. */
const CALLS_PER_TURN = 128;

/** Workers that make one call after the other until the time is over; the last calls are waited for, and count. */
export async function makeRequests({ sessions, read }: Contender, round: Round): Promise<Answered> {
  const { concurrency, forMs, stride } = round;
  const latenciesUs: number[] = [];
  const random = sequence();
  const startedMs = performance.now();
  const endMs = startedMs + forMs;
  let [calls, wrong] = [0, 0];
  const worker = async (_: unknown, index: number) => {
    // Workers time different calls, so that they do not wait for one another's reading of the clock.
    for (let at = index + 1; ; at++) {
      const sampled = at % stride === 0;
      const sentMs = sampled ? performance.now() : 0;
      if (sentMs > endMs) return;
      const { cookie, userId } = sessions[random() % sessions.length] as Contender["sessions"][number];
      calls += 1;
      if ((await read(cookie)) !== userId) wrong += 1;
      if (sampled) latenciesUs.push((performance.now() - sentMs) * 1_000);
      if (at % CALLS_PER_TURN === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { calls, elapsedMs: performance.now() - startedMs, latenciesUs, wrong };
}

/** Each session once. */
export const readAll = ({ sessions, read }: Pick<Contender, "sessions" | "read">): Promise<void> =>
  workThrough(sessions, 32, async ({ cookie }) => void (await read(cookie)));

/** Does something with each of them, in order, so many at a time. */
export async function workThrough<T>(
  items: Iterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let made = 1, next = rest.next(); !next.done; made++, next = rest.next()) {
      await work(next.value);
      if (made % CALLS_PER_TURN === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

/** At random, and alike for everybody: a multiplicative generator (Park and Miller, 1988). */
export function sequence(): () => number {
  let state = 48_271;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state;
  };
}
