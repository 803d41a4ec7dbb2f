import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Visitor } from "../support/visitor";

export const TENANT = "spectrawinery";

const OPEN = /the invalidation channel is open/g;

export type Three = {
  database: TestDatabase;
  sandbox: Sandbox;
  apps: [AppServer, AppServer, AppServer];
  /** Signs a staff member in at the first instance. */
  signIn(): Promise<Visitor>;
  /** The same browser at another instance, as a load balancer has it. */
  at(app: AppServer, visitor: Visitor): Visitor;
  /** Whether the instance lets the browser in. */
  accepts(app: AppServer, visitor: Visitor): Promise<boolean>;
  /** How often instances have opened their channel so far. */
  channelsOpened(): number;
  /** How many look-ups of sessions have reached the database. */
  lookUps(): Promise<number>;
};

/** Three instances of the built app, in processes of their own, on one PostgreSQL, with the cache that they come with. */
export function openThree(): Three {
  const three = {} as Three;
  beforeAll(async () => {
    three.database = await createTestDatabase();
    const { sql, url } = three.database;
    await sql.query(`alter database ${new URL(url).pathname.slice(1)} set track_functions = 'all'`);
    three.sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
    const env = { DATABASE_URL: url, COMMERCE7_API_URL: `${three.sandbox.url}/v1` };
    three.apps = await Promise.all([startApp(env), startApp(env), startApp(env)]);
    three.sandbox.setAppUrl(three.apps[0].url);
    await vi.waitFor(() => expect(three.channelsOpened()).toBe(3), { timeout: 20_000, interval: 50 });
  });
  beforeEach(async () => {
    await three.database.reset();
    await three.sandbox.install(TENANT);
  });
  afterAll(async () => {
    await Promise.all(three.apps.map((app) => app.stop()));
    await three.sandbox.close();
    await three.database.drop();
  });

  three.signIn = async () => {
    const visitor = new Visitor(three.apps[0].url);
    const answer = await visitor.open(TENANT, three.sandbox.accountToken(TENANT));
    expect(answer.status).toBe(302);
    return visitor;
  };
  three.at = ({ url }, { cookie }) => Object.assign(new Visitor(url), { cookie });
  three.accepts = async (app, visitor) => {
    const answer = await three.at(app, visitor).get("/settings");
    await answer.arrayBuffer();
    expect([200, 302]).toContain(answer.status);
    return answer.status === 200;
  };
  three.channelsOpened = () => three.apps.flatMap((app) => app.output().match(OPEN) ?? []).length;
  three.lookUps = async () => {
    const { sql } = three.database;
    await sql.query("select pg_stat_force_next_flush()");
    const { rows } = await sql.query(
      "select coalesce(sum(calls), 0)::integer as calls from pg_stat_user_functions where funcname = 'find_app_sessions'",
    );
    return rows[0].calls;
  };
  return three;
}
