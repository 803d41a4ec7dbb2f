import { setTimeout as sleep } from "node:timers/promises";
import { remember } from "../../../app/lib/base/remember";
import { askWhoIsSignedIn } from "../../../app/lib/commerce7/account";
import type { Session } from "../../../app/lib/sessions/session";
import type { Wiring } from "../../../app/lib/wiring.server";
import { runServer } from "../../../bin/run-server";
import { answerParent } from "../../measure/child";

/**
 * The production build as `npm start` runs it, in a process whose engine can be taken out of its wiring and put back
 * between two rounds. So every way of knowing the visitor is measured in one process: the same compiled code, the same
 * heap, the same connections to the database, and nothing in the app that knows of it.
 */
export type Knowing =
  /** The app as it is. */
  | "session"
  /** The same page without any check: whoever comes is one and the same session, which nobody looks up. */
  | "nothing"
  /** As before there were sessions: Commerce7 is asked at each request, by the app's own client. */
  | "commerce7";

/** A slice of time: how many pages were asked for, and what they cost this process. */
type Slice = { pages: number; cpuUs: number; elapsedMs: number };

/** A slice with the check, and the one beside it without. */
export type Pair = Record<"session" | "nothing", Slice>;

type Prepared = { cookie: string; account: string; tenantId: string };

await runServer();
const wiring = remember<Wiring>("wiring", () => {
  throw new Error("the build keeps its wiring elsewhere: what is replaced here would replace nothing");
});
const engine = wiring.sessions;
let ways: Record<Knowing, Wiring["sessions"]> | undefined;
/** How often somebody had to be known so far. */
let reads = 0;

function waysFor(fixed: Session, who: Pick<Prepared, "account" | "tenantId">) {
  const refresh = async (session: Session) => session;
  return {
    session: counted(engine),
    nothing: counted({ ...engine, refresh, read: async () => fixed }),
    commerce7: counted({ ...engine, refresh, read: () => askCommerce7(fixed, who) }),
  };
}

/** All ways alike, so that counting is in none of the differences. */
function counted(by: Wiring["sessions"]): Wiring["sessions"] {
  const read: typeof by.read = (cookieHeader, options) => {
    reads += 1;
    return by.read(cookieHeader, options);
  };
  return { ...by, read };
}

/**
 * What requests with a check have noted of activity is written within a second. Where that comes due in a slice without
 * one, it waits for the next slice with one, so that whoever causes the work is who pays for it.
 */
let checking: Promise<void> | undefined;
const { touch } = wiring.store;
wiring.store.touch = async (batch) => {
  await checking;
  return touch(batch);
};

async function slice(by: Knowing, sliceMs: number): Promise<Slice> {
  if (!ways) throw new Error("to be prepared first");
  let resume = () => {};
  checking = by === "session" ? undefined : new Promise((resolve) => (resume = resolve));
  wiring.sessions = ways[by];
  const [readsBefore, cpuBeforeUs, startedMs] = [reads, cpuUs(), performance.now()];
  await sleep(sliceMs);
  const pages = reads - readsBefore;
  const measured = { pages, cpuUs: cpuUs() - cpuBeforeUs, elapsedMs: performance.now() - startedMs };
  // The next slice has begun by the time that anything waiting goes on.
  setImmediate(resume);
  return measured;
}

/** CPU time of the whole process so far, its collector and compiler included. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function askCommerce7(fixed: Session, who: Pick<Prepared, "account" | "tenantId">): Promise<Session> {
  const answer = await askWhoIsSignedIn(wiring.env.commerce7, who);
  if (answer.outcome !== "verified") throw new Error(`Commerce7: ${answer.outcome}`);
  return fixed;
}

const handlers = {
  /** Reads the session that is handed out where nobody checks. */
  async prepare({ cookie, ...who }: Prepared): Promise<void> {
    const fixed = await engine.read(cookie);
    if (!fixed) throw new Error("the cookie opens no session");
    ways = waysFor(fixed, who);
  },
  know(by: Knowing): void {
    if (!ways) throw new Error("to be prepared first");
    wiring.sessions = ways[by];
  },
  /** Collects garbage. @returns what is in use after that: heap, and buffers outside it */
  collectGarbage(): number {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  isUp: () => true,
  /** Slices of time with the check and without it in turn, while requests come. */
  async alternate({ pairs, sliceMs }: { pairs: number; sliceMs: number }): Promise<Pair[]> {
    const measured: Pair[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      // Who is first changes, so that no drift favours one.
      const order = pair % 2 === 0 ? (["session", "nothing"] as const) : (["nothing", "session"] as const);
      const slices: Partial<Pair> = {};
      for (const by of order) slices[by] = await slice(by, sliceMs);
      measured.push(slices as Pair);
    }
    return measured;
  },
};

export type ServerHandlers = typeof handlers;

answerParent(handlers);
