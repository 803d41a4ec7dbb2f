import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import { type Clock, systemClock } from "./clock";
import { SECOND_MS } from "./durations";
import { messageOf, type Unavailability, UnavailableError } from "./errors";
import type { Logger } from "./logger";

/** How something outside the process is, as far as this process has seen. */
export type Health = {
  state: "up" | "down";
  /** Since when it is so. */
  sinceMs: number;
  /** How long the last answer took; null before the first. */
  latencyMs: number | null;
  /** How often it went down since the start. */
  breaks: number;
};

export interface Breaker {
  /**
   * Does the work, unless it is known to be in vain.
   * @param options.abandon gives the work up when the circuit opens under it, rather than wait for its own limits
   * @throws UnavailableError at once while the circuit is open, but for one probe at a time
   */
  run<T>(work: () => Promise<T>, options?: { abandon?: boolean }): Promise<T>;
  health(): Health;
}

type BreakerOptions = {
  /** What stands behind it, for messages: "Redis", "the database". */
  name: string;
  /** What goes on without it, for the log. */
  meanwhile: string;
  /** Whether an error says that it is out of reach, rather than that it answered no. */
  isOutage: (error: Error) => boolean;
  /** What is thrown while the circuit is open: an outage, unless it says otherwise. */
  kind?: Unavailability;
  /** So many failures in a row open the circuit. */
  failures: number;
  /** How long it stays open before a probe. */
  retryAfterMs: number;
  logger: Logger;
  clock?: Clock;
};

/** A circuit breaker (Nygard, "Release It!"): what does not answer is left alone, but for a probe now and then. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, isOutage, kind, failures, retryAfterMs, clock = systemClock } = options;
  const circuit = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: retryAfterMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  const health: Health = { state: "up", sinceMs: clock(), latencyMs: null, breaks: 0 };
  let reason = "";
  logChanges(options, circuit, health, (latest) => {
    reason = latest;
  });

  const waiting = new Set<(error: Error) => void>();
  circuit.onBreak(() => {
    for (const giveUp of waiting)
      giveUp(new UnavailableError(`${name} is out of reach: ${reason}`, { kind }));
  });

  const outOfReach = () =>
    new UnavailableError(`${name} is out of reach: ${reason}`, { unasked: true, kind });
  const timed = async <T>(work: () => Promise<T>) => {
    const startedMs = performance.now();
    const answer = await work();
    health.latencyMs = performance.now() - startedMs;
    return answer;
  };
  const run = async <T>(work: () => Promise<T>) => {
    // Cockatiel would let everybody wait for the probe under way.
    if (circuit.state === CircuitState.HalfOpen) throw outOfReach();
    try {
      return await circuit.execute(() => timed(work));
    } catch (error) {
      throw (error as { isBrokenCircuitError?: boolean }).isBrokenCircuitError ? outOfReach() : error;
    }
  };
  return {
    run(work, { abandon = false } = {}) {
      if (!abandon) return run(work);
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        run(work)
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
      });
    },
    health: () => ({ ...health }),
  };
}

/** One line when it goes down, one when it is back; failed probes say nothing. */
function logChanges(
  { name, meanwhile, logger, clock = systemClock }: BreakerOptions,
  circuit: ReturnType<typeof circuitBreaker>,
  health: Health,
  setReason: (reason: string) => void,
): void {
  const change = (state: Health["state"]) => {
    const lastedMs = clock() - health.sinceMs;
    Object.assign(health, { state, sinceMs: clock() });
    return (lastedMs / SECOND_MS).toFixed(1);
  };
  circuit.onBreak((cause) => {
    const reason = "error" in cause ? messageOf(cause.error) : "it does not answer";
    setReason(reason);
    if (health.state === "down") return;
    change("down");
    health.breaks += 1;
    logger.warn({ reason }, `${name} is out of reach: ${meanwhile}`);
  });
  circuit.onReset(() => logger.info({ downSeconds: Number(change("up")) }, `${name} is back`));
}
