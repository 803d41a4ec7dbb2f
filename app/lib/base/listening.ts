import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, monotonicClock, systemClock } from "./clock";
import { SECOND_MS } from "./durations";
import { messageOf } from "./errors";
import type { Logger } from "./logger";
import { within } from "./within";

/** Something that brings notices over a connection that is opened again whenever it breaks. */
export interface Listening {
  /**
   * Names the unbroken run of the connection: a new number after each break. Undefined while it is not known to be
   * alive: it was heard of within the last moments, less than two seconds.
   */
  epoch(): number | undefined;
  /** When it last opened or broke, in milliseconds since the epoch. */
  sinceMs(): number;
  stop(): Promise<void>;
}

/** The connection cannot be opened, however often it is tried. The message says what to change. */
export class NeverOpensError extends Error {
  override name = "NeverOpensError";
}

/** Together with one beat under way this stays below the two seconds that `Listening` promises. */
const ALIVE_MS = 1_500;
const BEAT_EVERY_MS = 400;
const BEAT_TIMEOUT_MS = 1_000;
const RETRY_MS = { first: 100, most: 5 * SECOND_MS };

type ListeningOptions = {
  /**
   * Opens the connection, which lasts until `signal` is aborted. Where it breaks, it says so by `breakOff`.
   * @returns a beat, whose answer proves that every notice from before it has arrived
   * @throws NeverOpensError where it is not to be tried again; it stays closed then
   */
  open(signal: AbortSignal, breakOff: (reason: Error) => void): Promise<() => Promise<unknown>>;
  logger: Logger;
  monotonic?: Clock;
};

/** Keeps the connection open, and knows at any moment whether it is alive. */
export function keepListening(options: ListeningOptions): Listening {
  const { monotonic = monotonicClock } = options;
  const state: State = {
    run: 0,
    heardAtMs: undefined,
    changedAtMs: systemClock(),
    breakOff: () => undefined,
    stopping: new AbortController(),
  };
  const listening = listenAgainAndAgain({ ...options, monotonic }, state);
  return {
    epoch() {
      const alive = state.heardAtMs !== undefined && monotonic() - state.heardAtMs < ALIVE_MS;
      return alive ? state.run : undefined;
    },
    sinceMs: () => state.changedAtMs,
    async stop() {
      state.stopping.abort();
      state.breakOff(new Error("stopped"));
      await listening;
    },
  };
}

type State = {
  /** How often a connection has come to be heard so far. */
  run: number;
  /** When the last answered beat was sent. */
  heardAtMs: number | undefined;
  changedAtMs: number;
  /** Ends the connection that there is. */
  breakOff: (reason: Error) => void;
  stopping: AbortController;
};

async function listenAgainAndAgain(options: Required<ListeningOptions>, state: State): Promise<void> {
  const { signal } = state.stopping;
  for (let retryMs = RETRY_MS.first; !signal.aborted; retryMs = Math.min(2 * retryMs, RETRY_MS.most)) {
    const before = state.run;
    try {
      await listenOnce(options, state);
    } catch (error) {
      if (signal.aborted) return;
      if (state.run > before) retryMs = RETRY_MS.first;
      const reason = messageOf(error);
      options.logger.warn({ reason }, "every request reads the store: the invalidation channel is closed");
      if (error instanceof NeverOpensError) return;
    }
    const jitteredMs = retryMs * (0.75 + Math.random() / 2);
    await sleep(jitteredMs, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** Listens until the connection breaks. @throws what broke it */
async function listenOnce(
  { open, logger, monotonic }: Required<ListeningOptions>,
  state: State,
): Promise<void> {
  const connection = new AbortController();
  const { signal } = connection;
  const breakOff = (reason: Error) => {
    if (state.heardAtMs !== undefined) state.changedAtMs = systemClock();
    state.heardAtMs = undefined;
    connection.abort(reason);
  };
  state.breakOff = breakOff;
  try {
    const beat = await unless(signal, open(signal, breakOff));
    state.run += 1;
    state.changedAtMs = systemClock();
    logger.info({ run: state.run }, "sessions are read from memory: the invalidation channel is open");
    while (!signal.aborted) {
      const sentAtMs = monotonic();
      await within(beat(), BEAT_TIMEOUT_MS, () => new Error(`no heartbeat within ${BEAT_TIMEOUT_MS} ms`));
      state.heardAtMs = sentAtMs;
      await sleep(BEAT_EVERY_MS, undefined, { ref: false, signal });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    breakOff(new Error("over"));
  }
}

/** What the promise brings, unless the signal comes first: a client that is ended while it connects never settles. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
