import { randomInt } from "node:crypto";
import { createBreaker, type Health } from "../base/breaker";
import { SECOND_MS } from "../base/durations";
import { messageOf, UnavailableError } from "../base/errors";
import type { Logger } from "../base/logger";
import { within } from "../base/within";
import type { RedisAddress } from "./address";
import { openRedisClient, type RedisClient } from "./client";

const BREAKER = { failures: 5, retryAfterMs: 500 };
const CONNECT_MS = SECOND_MS;
/** A patient command waits so many times as long as any other. */
const PATIENCE = 5;

/** The connection to Redis as the app uses it: it never waits for long, and may be gone at any moment. */
export interface RedisLink {
  /**
   * Does something with Redis.
   * @param options.patient waits longer, for what nobody else can do
   * @throws UnavailableError where it does not answer in time, or is known not to; it may have been done all the same
   */
  run<T>(work: (redis: RedisClient) => Promise<T>, options?: { patient?: boolean }): Promise<T>;

  /** How often a connection broke so far: what was written before may be gone since, or be an older one's. */
  breaks(): number;

  health(): Health;

  /** For libraries that bring their own time limits. */
  readonly client: RedisClient;

  /** Another connection, for subscriptions. Whoever opens it closes it. */
  openAnother(): RedisClient;

  /**
   * Connects, waits a moment for it, and asks once. Where Redis is away, it is tried again and again.
   * @returns why it does not answer; undefined where it does
   */
  start(): Promise<string | undefined>;

  close(): Promise<void>;
}

type LinkOptions = { address: RedisAddress; timeoutMs: number; logger: Logger };

export function openRedisLink({ address, timeoutMs, logger }: LinkOptions): RedisLink {
  const client = openRedisClient(address);
  let breaks = 0;
  let latestFault: string | undefined;
  client.on("error", (error) => {
    latestFault = messageOf(error);
  });
  client.on("ready", () => {
    latestFault = undefined;
  });
  for (const event of ["close", "-node", "node error"]) {
    client.on(event, () => {
      breaks += 1;
    });
  }
  const breaker = createBreaker({
    ...BREAKER,
    name: "Redis",
    meanwhile: "sessions are read from the database",
    isOutage: () => true,
    logger,
  });
  const inTime = <T>(answer: Promise<T>, limitMs: number) =>
    within(answer, limitMs, () => new UnavailableError(`Redis did not answer within ${limitMs} ms`));
  const attempt = async <T>(work: (redis: RedisClient) => Promise<T>, limitMs: number) => {
    if (client.status !== "ready") {
      throw new UnavailableError(`Redis is not connected (${latestFault ?? client.status})`);
    }
    return inTime(work(client), limitMs);
  };

  const run: RedisLink["run"] = (work, { patient = false } = {}) =>
    breaker.run(() => attempt(work, patient ? PATIENCE * timeoutMs : timeoutMs));

  return {
    run,
    breaks: () => breaks,
    health: breaker.health,
    client,
    openAnother: () => openRedisClient(oneNodeOf(address), "libero listen"),
    async start() {
      await inTime(client.connect(), CONNECT_MS).catch(() => undefined);
      return run((redis) => redis.ping()).then(() => undefined, messageOf);
    },
    async close() {
      await inTime(client.quit(), timeoutMs).catch(() => undefined);
      client.disconnect();
    },
  };
}

/** In a cluster each node tells everything that is published at any; and a single connection does not break unnoticed. */
function oneNodeOf(address: RedisAddress): RedisAddress {
  if (address.kind !== "cluster") return address;
  const { nodes } = address;
  return {
    ...address,
    kind: "single",
    nodes: [nodes[randomInt(nodes.length)] as RedisAddress["nodes"][number]],
  };
}
