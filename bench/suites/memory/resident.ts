import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { installClient, seedSessions } from "../../libero";
import { createDatabase, type Servers } from "../../servers";
import { load } from "../http/load";
import { startBenchServer } from "../http/server";
import { cacheOf } from "./engine";

export type Resident = {
  sessions: number;
  /** As many were wanted; fewer are read where the machine would take too long. */
  wanted: number;
  startedMegabytes: number;
  /** After many requests of a single session, so that what traffic alone takes is not counted for sessions. */
  oneSession: Settled;
  allSessions: Settled;
};
/** Resident, before a collection and after; and what is in use then. */
type Settled = { megabytes: number; collectedMegabytes: number; usedMegabytes: number };

type Plan = { wanted: number; fillMs: number };

const CONNECTIONS = 32;
const TENANT = "bench-winery";
/** The data of the landing page: it reads the session, names its winery, and asks the database for nothing else. */
const CHEAP_PAGE = "/_root.data";
const LEAST_SESSIONS = 500;
/** By then traffic takes no more memory than it did. */
const MOST_OF_ONE = 20_000;
const IDLE_MS = 1_500;

/** What the server takes of the machine's memory with one session and with many, each of which came with a request. */
export async function measureResident(
  servers: Servers,
  { wanted, fillMs }: Plan,
  say: (detail: string) => void,
): Promise<Resident> {
  const database = await createDatabase(servers, "migrated");
  const server = await startBenchServer({ DATABASE_URL: database.url, ...cacheOf(wanted + 1) });
  const request = (cookies: string[], amount: number) =>
    load({
      url: `${server.url}${CHEAP_PAGE}`,
      cookies,
      connections: CONNECTIONS,
      as: { amount },
      expect: new RegExp(TENANT),
    });
  const settled = async (): Promise<Settled> => {
    await sleep(IDLE_MS);
    const megabytes = await residentMegabytes(server.pid);
    const usedMegabytes = (await server.ask("collectGarbage")) / 2 ** 20;
    await sleep(IDLE_MS);
    return { megabytes, collectedMegabytes: await residentMegabytes(server.pid), usedMegabytes };
  };
  try {
    const startedMegabytes = await residentMegabytes(server.pid);
    const clientId = await installClient(database, TENANT);
    const [one] = (await seedSessions(database, clientId, 1)).map(({ cookie }) => cookie) as [string];
    say("server: warm-up");
    await request([one], LEAST_SESSIONS);
    const { perSecond } = await request([one], LEAST_SESSIONS);
    const sessions = Math.max(LEAST_SESSIONS, Math.min(wanted, Math.round((perSecond * fillMs) / 1_000)));
    say(`server: requests of one session`);
    await request([one], Math.min(sessions, MOST_OF_ONE));
    const oneSession = await settled();
    say(`server: ${sessions} sessions`);
    const many = await seedSessions(database, clientId, sessions);
    await request(
      many.map(({ cookie }) => cookie),
      sessions,
    );
    return { sessions, wanted, startedMegabytes, oneSession, allSessions: await settled() };
  } finally {
    await server.stop();
    await database.drop();
  }
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? "") ?? [];
  return Number(kilobytes ?? (await residentByPs(pid))) / 1_024;
}

/** Where there is no `/proc`. */
async function residentByPs(pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return stdout.trim();
}
