import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Clock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { keepListening, type Listening, NeverOpensError } from "../base/listening";
import type { Logger } from "../base/logger";
import { within } from "../base/within";
import type { ConnectionCheck } from "./connection";
import { connectionFailure } from "./connection-hints";

const SUBSCRIBE_TIMEOUT_MS = 2 * SECOND_MS;

type ListenerOptions = {
  url: string;
  channel: string;
  receive: (payload: string) => void;
  /** Notifies the channel from another connection. */
  notify: (channel: string, payload: string) => Promise<unknown>;
  /** How the address leads to the server; undefined where nothing checks that. */
  connection?: ConnectionCheck;
  logger: Logger;
  monotonic?: Clock;
};

/**
 * `LISTEN` on a connection of its own. An answered beat proves more than that the connection is there: the server
 * sends in order, so every notice from before the beat has arrived. Before a run counts, a notice sent over another
 * connection has to come through, which it does not where a transaction pooler stands between.
 */
export function listenOnPostgres(options: ListenerOptions): Listening {
  return keepListening({
    ...options,
    open: (signal, breakOff) =>
      open(options, signal, breakOff).catch((error) => {
        throw connectionFailure(error) ?? error;
      }),
  });
}

async function open(options: ListenerOptions, signal: AbortSignal, breakOff: (reason: Error) => void) {
  await refuseTransactionPooler(options.connection);
  signal.throwIfAborted();
  const client = new pg.Client({
    connectionString: options.url,
    application_name: "libero listen",
    connectionTimeoutMillis: 5 * SECOND_MS,
    keepAlive: true,
  });
  signal.addEventListener("abort", () => destroy(client), { once: true });
  client.on("error", breakOff).on("end", () => breakOff(new Error("the connection ended")));
  await subscribe(client, options);
  return () => client.query("select 1");
}

/** @throws NeverOpensError where trying again would be in vain */
async function refuseTransactionPooler(connection: ConnectionCheck | undefined): Promise<void> {
  const found = await connection?.find();
  if (found?.mode !== "transaction pooler") return;
  throw new NeverOpensError(
    `LISTEN does not work through a transaction pooler (${found.evidence}): set DATABASE_DIRECT_URL to an address of the ` +
      `database itself, or of a session pooler`,
  );
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
  await inTime(client.query(`listen ${channel}`), "an answer to LISTEN");
  const arrived = notify(channel, probe).then(() => heard);
  await inTime(arrived, "a notice of our own (a transaction pooler lets none through)");
}

function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = () => new Error(`${what} did not come within ${SUBSCRIBE_TIMEOUT_MS} ms`);
  return within(promise, SUBSCRIBE_TIMEOUT_MS, late);
}

/** Ends it without a goodbye, which a server that does not answer would not take. */
function destroy(client: pg.Client): void {
  client.end().catch(() => undefined);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
