import DataLoader from "dataloader";
import { LOOK_UP } from "../db/calls";
import type { Database } from "../db/database";
import type { StoredSession } from "../sessions/store";
import { toStored } from "./sql-rows";

/** So many questions travel at a time: one that gets no answer shall not keep the others waiting. */
const MOST_UNDER_WAY = 2;

/** Of one question. */
const MOST_IDS = 500;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Look-ups in the database. Those that are asked for at the same time travel together, as do those that come while enough
 * questions are under way; whoever asks alone waits for nobody. A session is read after it was asked for, never before.
 * @returns the session with this id; undefined where there is none, as for what is no id at all
 */
export function createSqlLookUps(db: Database): (id: string) => Promise<StoredSession | undefined> {
  const ask = async (ids: readonly string[]) => {
    const rows = await db.call("find_app_sessions", { p_ids: [...new Set(ids)] }, LOOK_UP);
    const found = new Map(rows.map(({ session }) => [session.id, toStored(session)]));
    return ids.map((id) => found.get(id));
  };
  const turns = takeTurns(MOST_UNDER_WAY);
  const loader = new DataLoader((ids: readonly string[]) => turns.during(() => ask(ids)), {
    cache: false,
    maxBatchSize: MOST_IDS,
    batchScheduleFn: turns.next,
  });
  return async (id) => (UUID.test(id) ? loader.load(id.toLowerCase()) : undefined);
}

/** Begins what is due at the end of the present tick, or once less than `most` are under way. */
function takeTurns(most: number) {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    next(begin: () => void) {
      if (underWay < most) process.nextTick(begin);
      else waiting.push(begin);
    },
    async during<T>(work: () => Promise<T>): Promise<T> {
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        waiting.shift()?.();
      }
    },
  };
}
