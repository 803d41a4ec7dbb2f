import { type Sandbox, startSandbox } from "../../../sandbox/server";
import { INSTALL } from "../../../tests/support/app-server";
import { installClient, seedSessions } from "../../libero";
import { createDatabase, type Servers } from "../../servers";
import { type BenchServer, startBenchServer } from "./server";
import type { Knowing } from "./server-process";
import { startSlowCommerce7 } from "./slow-commerce7";

const WINERIES = 10;
const PEOPLE_PER_WINERY = 50;
const TENANT = "spectrawinery";

/** What Commerce7's account API took before there were sessions, at the least. */
export const COMMERCE7_DELAY_MS = 200;

/** Every page that shows somebody who is signed in, whole. */
export const PAGE = /Jason Andres[\s\S]+<\/html>/;

export type House = {
  server: BenchServer;
  page: string;
  cookies: string[];
  /** How often Commerce7 was asked so far. */
  commerce7Calls(): number;
  close(): Promise<void>;
};

/** The app with people of several wineries signed in, over PostgreSQL, and a Commerce7 that takes its time. */
export async function openHouse(servers: Servers, env: Record<string, string> = {}): Promise<House> {
  const database = await createDatabase(servers, "migrated");
  const sandbox = await startSandbox({ appUrl: "http://localhost:1", ...INSTALL });
  const slow = await startSlowCommerce7(sandbox.url, COMMERCE7_DELAY_MS);
  const server = await startBenchServer({
    DATABASE_URL: database.url,
    COMMERCE7_API_URL: `${slow.url}/v1`,
    ...env,
  });
  const cookies: string[] = [];
  for (let winery = 0; winery < WINERIES; winery++) {
    const clientId = await installClient(database, `bench-winery-${winery}`);
    const sessions = await seedSessions(database, clientId, PEOPLE_PER_WINERY);
    cookies.push(...sessions.map(({ cookie }) => cookie));
  }
  const page = `${server.url}/app`;
  await prepare({ server, page, sandbox, cookie: cookies[0] as string });
  return {
    server,
    page,
    cookies,
    commerce7Calls: () => sandbox.accountCalls(),
    async close() {
      await server.stop();
      await slow.close();
      await sandbox.close();
      await database.drop();
    },
  };
}

type Prepared = { server: BenchServer; page: string; sandbox: Sandbox; cookie: string };

/** @throws where the page without a check is another page than the one with it */
async function prepare({ server, page, sandbox, cookie }: Prepared): Promise<void> {
  await server.ask("prepare", { cookie, account: sandbox.accountToken(TENANT), tenantId: TENANT });
  const seen = async (by: Knowing) => {
    await server.ask("know", by);
    const answer = await fetch(page, { headers: { accept: "text/html", cookie } });
    // A nonce is made anew for each answer.
    return (await answer.text()).replaceAll(/nonce(="|":")[^"]+"/g, "nonce");
  };
  const checked = await seen("session");
  if (!PAGE.test(checked)) throw new Error(`the page is not what it should be: ${checked.slice(0, 200)}`);
  for (const by of ["nothing", "commerce7"] as const) {
    if ((await seen(by)) !== checked) throw new Error(`another page comes where it is known by ${by}`);
  }
}
