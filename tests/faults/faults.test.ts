import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { AppServer } from "../support/app-server";
import { hasRedis } from "../support/redis-server";
import { type House, openHouse } from "./house";
import { isGood, recoveryMs, startLoad } from "./load";
import { writeRow } from "./table";

const BEFORE_MS = 1_000;
const PAUSED_MS = 5_000;
/** No fault may be felt for longer after it is over. */
const RECOVERY_MS = 5_000;
const QUIET_MS = 1_500;

/** Lets the fault happen under load, and finds that nothing was lost by it. */
async function survives(house: House, fault: string, happen: () => Promise<void>): Promise<void> {
  const { balancer, signInPath } = house;
  const load = await startLoad({ balancer, signInPath });
  const { found } = load;
  await sleep(BEFORE_MS);
  const beganMs = performance.now();
  await happen();
  const endedMs = performance.now();
  const goodSince = (ms: number) => found.answers.filter(({ sentMs }) => sentMs > ms).every(isGood);
  while (performance.now() - endedMs < RECOVERY_MS && !goodSince(performance.now() - QUIET_MS))
    await sleep(100);
  await sleep(QUIET_MS);
  await load.stop();

  const lost: string[] = [];
  for (const { url } of house.apps) {
    for (const cookie of found.live) {
      const { status } = await balancer.sendTo(url, "/app", { cookie });
      if (status !== 200) lost.push(`${status} at ${url}`);
    }
    for (const cookie of found.ended) {
      const { status } = await balancer.sendTo(url, "/app", { cookie });
      if (status === 200) found.accepted.push(`at ${url} in the end`);
    }
  }
  const during = found.pages.filter(({ sentMs }) => sentMs >= beganMs && sentMs < endedMs);
  const errors = found.answers.filter(({ status }) => ![200, 302, 503].includes(status));
  const answered = during.length === 0 ? 100 : (100 * during.filter(isGood).length) / during.length;
  const slowestMs = Math.max(...found.answers.map(({ tookMs }) => tookMs));
  const recoveredMs = recoveryMs(found.answers, endedMs);
  const row = { fault, lost: lost.length, accepted: found.accepted.length, errors: errors.length };
  writeRow({ ...row, answered, slowestMs, recoveryMs: recoveredMs });

  expect({ lost, refused: found.refused, accepted: found.accepted, errors, hung: found.hung }).toEqual({
    lost: [],
    refused: [],
    accepted: [],
    errors: [],
    hung: 0,
  });
  expect(balancer.lost).toEqual([]);
  expect(found.ended.size).toBeGreaterThan(5);
  expect(recoveredMs).toBeLessThan(RECOVERY_MS);
  // Whoever is signed in hardly notices: most of their pages are answered, whatever is away.
  expect(answered).toBeGreaterThan(50);
}

const TIMEOUT_MS = 60_000;

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
    await sleep(2_000);
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
    await sleep(2_000);
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
