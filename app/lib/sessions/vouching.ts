import { type Clock, monotonicClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { isUnavailable } from "../base/errors";

/** Reads that go on for a while from what is remembered, where the store does not answer. */
export interface Vouching {
  /**
   * What `ask` brings; where the store does not answer, what `recall` does.
   * @throws UnavailableError where nobody can vouch, or nobody may any more
   */
  read<T>(ask: () => Promise<T>, recall: () => Promise<T | undefined> | T | undefined): Promise<T>;

  /** The store is known to be there. */
  heard(): void;

  /**
   * Waits, in the first second after the store has come back, for the rest of it: other instances may not have noticed
   * yet, and would still let in what is ended now.
   * @param epoch of the channel, by which an instance that asked nothing meanwhile knows that there was a break
   */
  settled(epoch: number | undefined): Promise<void>;
}

/** How soon every instance that is asked for a session notices that the store is back: several probes' time. */
const SETTLING_MS = SECOND_MS;

type VouchingOptions = {
  /** How long after the store was last heard; 0: never. */
  limitMs: number;
  monotonic?: Clock;
};

export function createVouching({ limitMs, monotonic = monotonicClock }: VouchingOptions): Vouching {
  let awaySinceMs: number | undefined;
  let backSinceMs = Number.NEGATIVE_INFINITY;
  let lastEpoch: { epoch: number | undefined } | undefined;

  const heard = () => {
    if (awaySinceMs === undefined) return;
    awaySinceMs = undefined;
    backSinceMs = monotonic();
  };
  return {
    heard,
    async read(ask, recall) {
      try {
        const answer = await ask();
        heard();
        return answer;
      } catch (error) {
        if (limitMs === 0 || !isUnavailable(error)) throw error;
        awaySinceMs ??= monotonic();
        if (monotonic() - awaySinceMs >= limitMs) throw error;
        const recalled = await recall();
        if (recalled === undefined) throw error;
        return recalled;
      }
    },
    async settled(epoch) {
      if (limitMs === 0) return;
      if (lastEpoch && lastEpoch.epoch !== epoch) backSinceMs = monotonic();
      lastEpoch = { epoch };
      const remainingMs = backSinceMs + SETTLING_MS - monotonic();
      if (remainingMs > 0) await new Promise((resolve) => setTimeout(resolve, remainingMs));
    },
  };
}
