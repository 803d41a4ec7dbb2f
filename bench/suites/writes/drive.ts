import { setImmediate as turn } from "node:timers/promises";

/** Every so many calls of a worker, the process attends to timers and sockets, as a server does between requests. */
const CALLS_PER_TURN = 128;

export type Driven = { calls: number; elapsedMs: number };

/** So many at a time, for so long or until there were so many calls. */
export async function drive(
  call: () => Promise<unknown>,
  {
    concurrency,
    forMs = 60_000,
    calls = Number.MAX_SAFE_INTEGER,
  }: { concurrency: number; forMs?: number; calls?: number },
): Promise<Driven> {
  const startedMs = performance.now();
  let made = 0;
  const worker = async () => {
    for (let own = 1; made < calls && performance.now() - startedMs < forMs; own++) {
      made += 1;
      await call();
      if (own % CALLS_PER_TURN === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { calls: made, elapsedMs: performance.now() - startedMs };
}

/** All numbers below `among`, in an order that looks random, over and over: no two alike in one pass. */
export function shuffled(among: number): () => number {
  const order = Uint32Array.from({ length: among }, (_, index) => index);
  for (let index = among - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  let next = 0;
  return () => order[next++ % among] as number;
}
