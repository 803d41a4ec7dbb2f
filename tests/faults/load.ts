import { comeAndGo, comeBack, join, leave, reads, type Street, signsIn } from "./clients";
import { type Findings, noFindings } from "./findings";
import { type House, WINERIES } from "./house";

const READERS = 24;
const TO_LEAVE = 40;
/** So many of them at a time. */
const LEAVERS = 2;
const COMERS = 4;
const RETURNERS = 2;

export type Load = {
  found: Findings;
  /** Lets every client finish what it began. */
  stop(): Promise<void>;
};

/**
 * A steady load of a fixed number of clients, each of which sends one request after another: browsers that are signed in
 * and look at pages; some that sign in; and some that sign out, and then go on presenting the cookie that they had.
 */
export async function startLoad({ apps, balancer, signInPath }: House): Promise<Load> {
  let over = false;
  const found = noFindings();
  const street: Street = { balancer, signInPath, found, isOver: () => over };
  const signedIn = (count: number, tenantId: string) =>
    Promise.all(times(count, () => signsIn(street, tenantId)));
  const staying = await signedIn(READERS, WINERIES.staying);
  const leaving = await signedIn(TO_LEAVE, WINERIES.leaving);
  for (const cookie of [...staying, ...leaving]) found.live.add(cookie);
  // Every instance has them in memory, for what a fault may spoil there.
  for (const { url } of apps) {
    await Promise.all([...found.live].map((cookie) => balancer.sendTo(url, "/app", { cookie })));
  }
  // What it took to get here is no part of what is measured.
  found.answers.length = 0;
  const clients = [
    ...staying.map((cookie) => reads(street, cookie)),
    ...times(LEAVERS, () => leave(street, leaving)),
    ...times(COMERS, () => comeAndGo(street)),
    ...times(RETURNERS, () => comeBack(street)),
    join(street),
  ];
  return {
    found,
    async stop() {
      over = true;
      await Promise.all(clients);
    },
  };
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
