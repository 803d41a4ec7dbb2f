import { openLibero } from "../../libero";
import type { Bench } from "../../measure/bench";
import { createDatabase } from "../../servers";
import { loadTable } from "../../sql/load";
import { insertClients, insertSessionsSql } from "../../sql/numbered-sessions";

/** One session of so many is live, here and there among those that expired. */
export const ONE_LIVE_OF = 6;

export const isLive = (n: number) => n % ONE_LIVE_OF === 0;

export type Prepared = Awaited<ReturnType<typeof openPrepared>>;

/** A database with sessions of which most expired, and Libero over it, without memory. */
export async function openPrepared({ servers, say }: Bench, sessions: number) {
  const database = await createDatabase(servers, "migrated");
  await insertClients(database, sessions);
  // Those that expired began one after the other, over days.
  const createdAt = `case when n % ${ONE_LIVE_OF} = 0 then now() - interval '1 hour'
    else now() - interval '9 hours' - interval '7 days' * (1 - n / ${sessions}.0) end`;
  await loadTable(
    database,
    { table: "public.app_sessions", count: sessions, text: insertSessionsSql(sessions, createdAt) },
    say,
  );
  // Libero's own sweep starts at a moment of its choice; it leaves the work to whoever holds this.
  await database.sql.query(
    "select pg_advisory_lock(hashtextextended('libero.sweep_expired_app_sessions', 0))",
  );
  const libero = await openLibero({ DATABASE_URL: database.url, SESSION_CACHE_ENTRIES: "0" });
  return { sessions, database, libero };
}
