import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, type Environment, INSTALL, startApp } from "../support/app-server";
import { type FaultyPostgres, startFaultyPostgres } from "../support/faulty-postgres";
import { type RedisServer, startRedis } from "../support/redis-server";
import { Balancer } from "./balancer";

/**
 * Where browsers stay signed in, where they sign out, and where they come and go. Apart, as a sign-in has every instance
 * that answers one forget its person's other sessions, and what was forgotten cannot be let in by mistake.
 */
export const WINERIES = {
  staying: "spectrawinery",
  leaving: "bodega-del-sol",
  coming: "old-oak-estate",
};

export type House = {
  postgres: FaultyPostgres;
  /** Undefined where the house has none. */
  redis: RedisServer | undefined;
  apps: AppServer[];
  balancer: Balancer;
  /** Starts one more instance, which nobody is sent to yet. */
  startInstance(): Promise<AppServer>;
  /** A path as the admin of a winery opens it. */
  signInPath(tenantId: string): string;
};

/** Two instances of the app as they run in production, behind a balancer, anew for each test. */
export function openHouse(withRedis: boolean): House {
  const house = {} as House;
  let sandbox: Sandbox;
  let env: Environment;

  beforeAll(async () => {
    house.postgres = await startFaultyPostgres();
    house.redis = withRedis ? await startRedis() : undefined;
    sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    env = {
      DATABASE_URL: house.postgres.url,
      COMMERCE7_API_URL: `${sandbox.url}/v1`,
      LOG_LEVEL: "warn",
      RATE_LIMIT_SIGN_INS_PER_MINUTE: "0",
      RATE_LIMIT_INSTALLS_PER_MINUTE: "0",
      RATE_LIMIT_FAILURES_PER_MINUTE: "0",
      ...(house.redis && { REDIS_URL: house.redis.url }),
    };
  }, 60_000);
  beforeEach(async () => {
    house.startInstance = () => startApp({ ...env, ...(house.redis && { REDIS_KEY_PREFIX: prefix }) });
    const prefix = randomUUID();
    house.apps = await Promise.all([house.startInstance(), house.startInstance()]);
    house.balancer = new Balancer(house.apps.map(({ url }) => url));
    sandbox.setAppUrl((house.apps[0] as AppServer).url);
    for (const tenantId of Object.values(WINERIES)) await sandbox.install(tenantId);
  }, 60_000);
  afterEach(async () => {
    house.balancer.close();
    await Promise.all(house.apps.map((app) => app.stop()));
  }, 60_000);
  afterAll(async () => {
    await house.redis?.stop();
    await house.postgres.stop();
    await sandbox.close();
  }, 60_000);

  house.signInPath = (tenantId) =>
    `/app?${new URLSearchParams({ tenantId, account: sandbox.accountToken(tenantId), adminUITheme: "light" })}`;
  return house;
}
