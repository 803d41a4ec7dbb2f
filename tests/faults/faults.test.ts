import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { AppServer } from "../support/app-server";
import { hasRedis } from "../support/redis-server";
import { type House, openHouse } from "./house";
import { survives } from "./survives";
import { printTable } from "./table";

const DOWN_MS = 2_000;
const PAUSED_MS = 5_000;
const TIMEOUT_MS = 60_000;

afterAll(printTable);

/** One test of each fault. */
function faultsIn(house: House, where = "") {
  return (name: string, happen: () => Promise<void>) => {
    const title = `D5, E3: ${name}${where}: nothing is lost, nothing revoked is accepted, nobody sees a 500`;
    it(title, { timeout: TIMEOUT_MS }, () => survives(house, `${name}${where}`, happen));
  };
}

/** What happens to a database, whatever stands in front of it. */
function databaseFaults(house: House, where?: string) {
  const fault = faultsIn(house, where);
  fault("PostgreSQL stopped `immediate` and started again", async () => {
    await house.postgres.stopImmediate();
    await sleep(DOWN_MS);
    await house.postgres.start();
  });
  fault("PostgreSQL paused for 5 s", async () => {
    await house.postgres.pause();
    await sleep(PAUSED_MS);
    await house.postgres.resume();
  });
}

describe.skipIf(!hasRedis)("two instances on PostgreSQL and Redis, under load", () => {
  const house = openHouse(true);
  const redis = () => house.redis as NonNullable<House["redis"]>;
  const [one, other] = [() => house.apps[0] as AppServer, () => house.apps[1] as AppServer];
  const fault = faultsIn(house);

  fault("Redis killed with `kill -9`, for 2 s", async () => {
    await redis().kill();
    await sleep(DOWN_MS);
    await redis().start();
  });
  fault("Redis paused for 5 s", async () => {
    redis().pause();
    await sleep(PAUSED_MS);
    redis().resume();
  });
  fault("Redis restarted, empty", async () => {
    await redis().kill();
    await redis().start();
  });
  databaseFaults(house);
  fault("PostgreSQL's connections terminated", async () => {
    expect(await house.postgres.terminateConnections()).toBeGreaterThan(2);
  });
  fault("an instance killed with `kill -9`, and started anew", async () => {
    await one().stop("SIGKILL");
    const successor = await house.startInstance();
    house.balancer.add(successor.url);
    house.balancer.remove(one().url);
    house.apps = [successor, other()];
  });
  fault("an instance replaced on SIGTERM", async () => {
    const old = one();
    const successor = await house.startInstance();
    house.balancer.add(successor.url);
    house.apps = [successor, other()];
    expect(await old.stop("SIGTERM")).toBe(0);
    house.balancer.remove(old.url);
  });
});

describe("two instances on PostgreSQL alone, under load", () => {
  databaseFaults(openHouse(false), ", without Redis");
});
