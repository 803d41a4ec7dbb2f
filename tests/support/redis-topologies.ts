import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { atOurEnd } from "./at-our-end";
import { freePort } from "./free-port";
import { ask, type RedisServer, startRedis, startRedisOn } from "./redis-server";

/** What the tests of a tier need of a Redis, whatever it consists of. */
export type RedisTopology = { url: string; stop(): Promise<unknown> };

const SLOTS = 16_384;

/** A node of a cluster listens on its port and, for the other nodes, on the one so much higher. */
const BUS_OFFSET = 10_000;

/** A free port whose cluster bus port is free, too. */
async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = (await freePort()) - BUS_OFFSET;
    if ((await getPort({ port })) === port) return port;
  }
}

/** Three masters that share the keys. */
export async function startRedisCluster(): Promise<RedisTopology> {
  const start = async () =>
    startRedisOn(await freeClusterPort(), "--cluster-enabled", "yes", "--cluster-node-timeout", "2000");
  const nodes = [await start(), await start(), await start()] as const;
  for (const [index, { port }] of nodes.entries()) {
    const [from, to] = [Math.ceil((index * SLOTS) / 3), Math.ceil(((index + 1) * SLOTS) / 3) - 1];
    await ask(port, "cluster", "addslotsrange", from, to);
    if (index > 0) await ask(port, "cluster", "meet", "127.0.0.1", nodes[0].port);
  }
  for (const { port } of nodes) {
    await until(async () =>
      /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(String(await ask(port, "cluster", "info"))),
    );
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    stop: () => Promise.all(nodes.map((node) => node.stop())),
  };
}

export type RedisSentinel = RedisTopology & {
  /** Kills the master, and waits until the Sentinels have another one. */
  failOver(): Promise<void>;
  /** Has the Sentinels make the replica the master while both are there; waits until they have. */
  changeMaster(): Promise<void>;
  /** The port of the first Sentinel. */
  sentinelPort: number;
  /** The port of the server that is the master at first. */
  masterPort: number;
};

/** A master, its replica, and three Sentinels that watch over them. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  // A master waits five seconds for more replicas, unless it is told not to.
  const master = await startRedis("--repl-diskless-sync-delay", "0");
  const replica = await startRedis("--replicaof", `127.0.0.1 ${master.port}`);
  await until(async () =>
    String(await ask(replica.port, "info", "replication")).includes("master_link_status:up"),
  );
  const sentinels = [
    await startSentinel(master, { quorum: 1, downAfterMs: 1_000 }),
    await startSentinel(master, { quorum: 2, downAfterMs: 600_000 }),
    await startSentinel(master, { quorum: 2, downAfterMs: 600_000 }),
  ] as const;
  const seenBy = async ({ port }: { port: number }, field: string) => {
    const flat = (await ask(port, "sentinel", "master", "libero")) as string[];
    return flat[flat.indexOf(field) + 1];
  };
  const replicaIsMaster = () =>
    until(async () => (await seenBy(sentinels[0], "port")) === String(replica.port));
  for (const sentinel of sentinels) {
    await until(async () => (await seenBy(sentinel, "num-other-sentinels")) === "2");
    await until(async () => (await seenBy(sentinel, "num-slaves")) === "1");
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/libero`,
    sentinelPort: sentinels[0].port,
    masterPort: master.port,
    async failOver() {
      await master.kill();
      await replicaIsMaster();
    },
    async changeMaster() {
      await ask(sentinels[0].port, "sentinel", "failover", "libero");
      await replicaIsMaster();
    },
    stop: () => Promise.all([...sentinels, replica, master].map((server) => server.stop())),
  };
}

/**
 * How often a Sentinel asks, and tells the others of itself. It takes no replica that it has not heard from in five times the
 * ping period, does nothing at all for the tilt period after it was stalled for two seconds, and turns a new master back
 * into a replica where nothing was published of it in four times the publish period; the one who publishes it takes a second.
 */
const PERIODS = Object.entries({
  "info-period": 100,
  "ping-period": 300,
  "ask-period": 100,
  "publish-period": 500,
  "tilt-period": 500,
}).flat();

type Attention = { quorum: number; downAfterMs: number };

/**
 * The first Sentinel that takes the master for down asks the others for their votes. Where several do so each votes for
 * itself, and it takes any number of elections, seconds apart, until one has a majority: the others shall only vote.
 */
async function startSentinel(master: RedisServer, { quorum, downAfterMs }: Attention) {
  const port = await freePort();
  const file = join(await mkdtemp(join(tmpdir(), "libero-sentinel-")), "sentinel.conf");
  await writeFile(
    file,
    `port ${port}
bind 127.0.0.1
sentinel monitor libero 127.0.0.1 ${master.port} ${quorum}
sentinel down-after-milliseconds libero ${downAfterMs}
sentinel failover-timeout libero 2000
`,
  );
  const child = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
  child.once("exit", atOurEnd(`kill -9 ${child.pid}`));
  await until(async () => (await ask(port, "ping")) === "PONG");
  // Redis before 7 has its Sentinels ask once a second, and they take longer.
  await ask(port, "sentinel", "debug", ...PERIODS).catch(() => undefined);
  return {
    port,
    stop: () =>
      new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (await isSo().catch(() => false)) return;
    await sleep(20);
  }
  throw new Error(`it did not come about in 20 s: ${isSo}`);
}
