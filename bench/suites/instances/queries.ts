import { setTimeout as sleep } from "node:timers/promises";
import type { BenchDatabase } from "../../servers";
import type { Instances } from "./instances";

/** What the instances had of the database in each second, while they read so many sessions. */
export type Queries = {
  readsPerSecond: number;
  findsPerSecond: number;
  touchesPerSecond: number;
  queriesPerSecond: number;
  /** Rows whose activity was written. */
  rowsWrittenPerSecond: number;
};

/** PostgreSQL's processes report what they counted about once a second. */
const REPORT_MS = 1_200;
const LEAD_OUT_MS = 300;

/** Counts look-ups and writes of activity, by the server's own statistics, while every instance reads. */
export async function countQueries(
  { database, children }: Instances,
  { durationMs, perSecond }: { durationMs: number; perSecond?: number },
): Promise<Queries> {
  const reading = Promise.all(
    children.map((child) =>
      child.ask("read", {
        durationMs: durationMs + REPORT_MS + LEAD_OUT_MS,
        perSecond: perSecond && perSecond / children.length,
      }),
    ),
  );
  reading.catch(() => undefined);
  // Not before the load is steady, and not after it: what is reported late at the start is so at the end.
  await sleep(REPORT_MS);
  const before = await counters(database);
  await sleep(durationMs);
  const after = await counters(database);
  const reads = await reading;
  const each = (of: keyof Counters) => ((after[of] - before[of]) / (after.atMs - before.atMs)) * 1_000;
  const findsPerSecond = each("finds");
  const touchesPerSecond = each("touches");
  return {
    readsPerSecond: reads.reduce((sum, one) => sum + one, 0),
    findsPerSecond,
    touchesPerSecond,
    queriesPerSecond: findsPerSecond + touchesPerSecond,
    rowsWrittenPerSecond: each("rows"),
  };
}

type Counters = { finds: number; touches: number; rows: number; atMs: number };

async function counters({ sql }: BenchDatabase): Promise<Counters> {
  const { rows } = await sql.query(
    `select
       coalesce(sum(calls) filter (where funcname ^@ 'find_app_session'), 0)::integer as finds,
       coalesce(sum(calls) filter (where funcname ^@ 'touch_app_session'), 0)::integer as touches,
       (select n_tup_upd::integer from pg_stat_user_tables
        where schemaname = 'public' and relname = 'app_sessions') as rows
     from pg_stat_user_functions where schemaname = 'public'`,
  );
  return { ...rows[0], atMs: performance.now() };
}
