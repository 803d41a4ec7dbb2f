import { openLibero } from "../../libero";
import type { Bench } from "../../measure/bench";
import { createDatabase } from "../../servers";
import { loadTable } from "../../sql/load";
import { sizes } from "../../sql/measures";
import { insertClients, insertSessionsSql } from "../../sql/numbered-sessions";

export type Grown = Awaited<ReturnType<typeof openGrown>>;

const PAGE_BYTES = 8_192;

/** What every sign-in leaves, too: the history grows with the table. */
const INSERT_EVENTS = `
  insert into public.app_session_events (at, event, session_id, client_id, user_id, user_name, device)
  select s.created_at, 'started', s.id, s.client_id, s.user_id, s.user_name, s.device
  from public.app_sessions s
  where s.ctid >= format('(%s,0)', $1::bigint)::tid and s.ctid < format('(%s,0)', $2::bigint)::tid`;

/** A database with so many live sessions, and Libero over it, without memory. */
export async function openGrown({ servers, say }: Bench, rows: number) {
  const database = await createDatabase(servers, "migrated");
  await insertClients(database, rows);
  const createdAt = `now() - interval '1 hour' * (1 - n / ${rows}.0)`;
  const startedMs = performance.now();
  await loadTable(
    database,
    { table: "public.app_sessions", count: rows, text: insertSessionsSql(rows, createdAt) },
    say,
  );
  const { heapBytes } = await sizes(database, "public.app_sessions");
  const pages = heapBytes / PAGE_BYTES;
  await loadTable(database, { table: "public.app_session_events", count: pages, text: INSERT_EVENTS }, say);
  return {
    rows,
    pages,
    database,
    loadSeconds: (performance.now() - startedMs) / 1_000,
    sizes: await sizes(database, "public.app_sessions"),
    // Calls are measured one at a time. Of several connections each would have only a part of the pages mapped.
    libero: await openLibero({
      DATABASE_URL: database.url,
      DATABASE_POOL_MAX: "1",
      SESSION_CACHE_ENTRIES: "0",
    }),
  };
}
