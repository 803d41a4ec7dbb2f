import { Cluster, Redis, type RedisOptions } from "ioredis";
import { SECOND_MS } from "../base/durations";
import type { RedisAddress } from "./address";

export type RedisClient = Redis | Cluster;

/**
 * Whatever cannot be sent now fails now: a command that waits in a queue, or is sent once more after a break, may come
 * when nobody wants it any more.
 */
const OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2 * SECOND_MS,
  // A connection that is let go of before it came about would hold the process for two seconds.
  disconnectTimeout: 50,
  // It asks INFO, which hosts may forbid; a server that is still loading says so to every command.
  enableReadyCheck: false,
  keepAlive: 10 * SECOND_MS,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), SECOND_MS),
  // What RESP3 adds is not used, and not every hosted Redis speaks it.
  protocol: 2,
} satisfies RedisOptions;

/** A client of ioredis, which connects when it is told to and from then on by itself. */
export function openRedisClient(address: RedisAddress, connectionName = "libero"): RedisClient {
  const { kind, nodes, username, password, db, master: name } = address;
  const tls = address.tls ? {} : undefined;
  const login = { username, password, tls, connectionName };
  const client =
    kind === "cluster"
      ? new Cluster(nodes, {
          ...clusterOptions,
          redisOptions: { ...OPTIONS, ...login },
          // Certificates name hosts, and a cluster tells addresses.
          dnsLookup: tls ? (host, callback) => callback(null, host) : undefined,
        })
      : new LastingRedis({
          ...OPTIONS,
          ...login,
          db,
          ...(kind === "single"
            ? nodes[0]
            : {
                sentinels: nodes,
                name,
                failoverDetector: true,
                // Without it a Sentinel that hangs is waited for without end.
                sentinelCommandTimeout: 2 * SECOND_MS,
                sentinelTLS: tls,
                enableTLSForSentinelMode: address.tls,
              }),
        });
  // What is wrong shows in the commands that fail; an event without a listener would be printed.
  client.on("error", () => undefined);
  return client;
}

/**
 * Connects again until `disconnect` is called. By itself ioredis gives up for good where Sentinels announce a failover
 * while it connects.
 * @see https://github.com/redis/ioredis/issues/1683
 */
class LastingRedis extends Redis {
  #disconnected = false;

  constructor(options: RedisOptions & { replyMapping?: "legacy" }) {
    super(options);
    this.on("end", () => setTimeout(() => this.#connectAgain(), OPTIONS.retryStrategy(1)));
  }

  override disconnect(reconnect = false) {
    this.#disconnected ||= !reconnect;
    super.disconnect(reconnect);
  }

  #connectAgain() {
    // It reports its errors itself.
    if (!this.#disconnected && this.status === "end") this.connect().catch(() => undefined);
  }
}

const clusterOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  clusterRetryStrategy: OPTIONS.retryStrategy,
  // Followers lag behind, and an ended session could still be read there.
  scaleReads: "master" as const,
  maxRedirections: 4,
  retryDelayOnFailover: 50,
  slotsRefreshTimeout: 2 * SECOND_MS,
};
