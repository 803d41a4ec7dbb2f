import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Clock, monotonicClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { Listening } from "./database";

/** Together with one beat under way this stays below the two seconds that `Listening` promises. */
const ALIVE_MS = 1_500;
const BEAT_EVERY_MS = 400;
const BEAT_TIMEOUT_MS = 1_000;
const SUBSCRIBE_TIMEOUT_MS = 2 * SECOND_MS;
const RETRY_MS = { first: 100, most: 5 * SECOND_MS };

type ListenerOptions = {
  url: string;
  channel: string;
  receive: (payload: string) => void;
  /** Notifies the channel from another connection. */
  notify: (channel: string, payload: string) => Promise<unknown>;
  logger: Logger;
  monotonic?: Clock;
};

/**
 * `LISTEN` on a connection of its own. An answered beat proves more than that the connection is there: the server
 * sends in order, so every notice from before the beat has arrived. Before a run counts, a notice sent over another
 * connection has to come through, which it does not where a transaction pooler stands between.
 */
export function listenOnPostgres(options: ListenerOptions): Listening {
  const { monotonic = monotonicClock } = options;
  const state: State = {
    run: 0,
    heardAtMs: undefined,
    breakOff: () => undefined,
    stopping: new AbortController(),
  };
  const listening = keepListening({ ...options, monotonic }, state);
  return {
    epoch() {
      const alive = state.heardAtMs !== undefined && monotonic() - state.heardAtMs < ALIVE_MS;
      return alive ? state.run : undefined;
    },
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
  /** Ends the connection that there is. */
  breakOff: (reason: Error) => void;
  stopping: AbortController;
};

async function keepListening(options: Required<ListenerOptions>, state: State): Promise<void> {
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
    }
    const jitteredMs = retryMs * (0.75 + Math.random() / 2);
    await sleep(jitteredMs, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** Listens until the connection breaks. @throws what broke it */
async function listenOnce(options: Required<ListenerOptions>, state: State): Promise<void> {
  const { url, logger, monotonic } = options;
  const client = new pg.Client({
    connectionString: url,
    application_name: "libero listen",
    connectionTimeoutMillis: 5 * SECOND_MS,
    keepAlive: true,
  });
  const connection = new AbortController();
  const { signal } = connection;
  const breakOff = (reason: Error) => {
    state.heardAtMs = undefined;
    connection.abort(reason);
    destroy(client);
  };
  state.breakOff = breakOff;
  client.on("error", breakOff).on("end", () => breakOff(new Error("the connection ended")));
  try {
    await unless(signal, subscribe(client, options));
    state.run += 1;
    logger.info({ run: state.run }, "sessions are read from memory: the invalidation channel is open");
    while (!signal.aborted) {
      const sentAtMs = monotonic();
      await within(client.query("select 1"), BEAT_TIMEOUT_MS, "a heartbeat");
      state.heardAtMs = sentAtMs;
      await sleep(BEAT_EVERY_MS, undefined, { ref: false, signal });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    state.heardAtMs = undefined;
    destroy(client);
  }
}

async function subscribe(client: pg.Client, { channel, receive, notify }: ListenerOptions): Promise<void> {
  const probe = `probe ${randomUUID()}`;
  const heard = new Promise<void>((resolve) => {
    client.on("notification", ({ payload = "" }) => {
      if (payload === probe) resolve();
      else if (!payload.startsWith("probe ")) receive(payload);
    });
  });
  await client.connect();
  await within(client.query(`listen ${channel}`), SUBSCRIBE_TIMEOUT_MS, "an answer to LISTEN");
  const arrived = notify(channel, probe).then(() => heard);
  await within(arrived, SUBSCRIBE_TIMEOUT_MS, "a notice of our own (a transaction pooler lets none through)");
}

/** What the promise brings, unless the signal comes first: a client that is ended while it connects never settles. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const answered = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: answered.signal, ref: false }).then(() => {
    throw new Error(`${what} did not come within ${timeoutMs} ms`);
  });
  // Whichever loses the race may fail unheard.
  for (const loser of [promise, late]) loser.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    answered.abort();
  }
}

/** Ends it without a goodbye, which a server that does not answer would not take. */
function destroy(client: pg.Client): void {
  client.end().catch(() => undefined);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
