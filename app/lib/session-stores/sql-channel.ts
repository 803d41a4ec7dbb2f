import { systemClock } from "../base/clock";
import type { Listening } from "../base/listening";
import type { Database } from "../db/database";
import type { InvalidationChannel, Notice } from "../sessions/channel";

/** As the triggers in `supabase/migrations` name it. */
const CHANNEL = "libero_app_sessions";

/** What the database's triggers tell about its sessions; undefined over a wire that cannot listen. */
export function createSqlChannel(db: Database): InvalidationChannel | undefined {
  const { listen } = db;
  if (!listen) return undefined;
  const receivers: ((notice: Notice) => void)[] = [];
  const madeAtMs = systemClock();
  let listening: Listening | undefined;

  return {
    epoch: () => listening?.epoch(),
    sinceMs: () => listening?.sinceMs() ?? madeAtMs,
    subscribe: (receive) => void receivers.push(receive),
    start() {
      listening ??= listen(CHANNEL, (payload) => {
        for (const receive of receivers) receive(parseNotice(payload));
      });
    },
    async stop() {
      await listening?.stop();
      listening = undefined;
    },
  };
}

/** `session <id>,<id>…`, `client <id>`, `http <key>`, `http all` or `all`. What it does not know it takes for the most there can be. */
function parseNotice(payload: string): Notice {
  const [kind, names = ""] = payload.split(" ");
  if (kind === "session" && names) return { sessionIds: names.split(",") };
  if (kind === "client" && names) return { clientId: names };
  if (kind === "http" && names) return { httpSessions: names === "all" ? names : names.split(",") };
  return "all";
}
