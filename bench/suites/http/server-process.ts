import { remember } from "../../../app/lib/base/remember";
import { askWhoIsSignedIn } from "../../../app/lib/commerce7/account";
import type { Session } from "../../../app/lib/sessions/session";
import type { Wiring } from "../../../app/lib/wiring.server";
import { runServer } from "../../../bin/run-server";
import { answerParent } from "../instances/child";

/**
 * The production build as `bin/start.ts` runs it, in a process whose engine can be taken out of its wiring and put back
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

type Prepared = { cookie: string; account: string; tenantId: string };

await runServer();
const wiring = remember<Wiring>("wiring", () => {
  throw new Error("the build keeps its wiring elsewhere: what is replaced here would replace nothing");
});
const engine = wiring.sessions;
let ways: Record<Knowing, Wiring["sessions"]> | undefined;

function waysFor(fixed: Session, who: Pick<Prepared, "account" | "tenantId">) {
  const refresh = async (session: Session) => session;
  return {
    session: engine,
    nothing: { ...engine, refresh, read: async () => fixed },
    commerce7: { ...engine, refresh, read: () => askCommerce7(fixed, who) },
  };
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
  collectGarbage: () => globalThis.gc?.(),
  /** CPU time of the whole process so far, its collector and compiler included. */
  cpuUs(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

export type ServerHandlers = typeof handlers;

answerParent(handlers);
