import { MINUTE_MS } from "../base/durations";
import { iso, LOOK_UP, ms } from "../db/calls";
import type { CallArguments, Database } from "../db/database";
import type { SessionDirectory, SessionTotals } from "../sessions/directory";
import { toEvent, toSummary } from "./sql-rows";

/** What the database tells about its sessions, and its clean-up. */
export function createSqlSessionDirectory(db: Database): SessionDirectory {
  const first = async (name: string, args: CallArguments) => (await db.call(name, args))[0] ?? {};
  const days = (count: number) => `${count} days`;

  return {
    async listOpen({ clientId = null, userId = null }, nowMs, limit) {
      const args = { p_client_id: clientId, p_user_id: userId, p_now: iso(nowMs), p_limit: limit };
      return (await db.call("list_open_app_sessions", args, LOOK_UP)).map(toSummary);
    },
    async stats(clientId, nowMs) {
      const args = { p_client_id: clientId, p_now: iso(nowMs) };
      const row = (await db.call("client_app_session_stats", args, LOOK_UP))[0] ?? {};
      return { openSessions: Number(row.open_sessions), signedInUsers: Number(row.signed_in_users) };
    },
    totals: (nowMs) => totals(db, nowMs),
    async endings(sinceMs) {
      const rows = await db.call("app_session_endings", { p_since: iso(sinceMs) }, { readOnly: true });
      return Object.fromEntries(rows.map(({ reason, sessions }) => [reason, Number(sessions)]));
    },
    async events(of, limit) {
      const [sessionId, clientId] = "sessionId" in of ? [of.sessionId, null] : [null, of.clientId];
      const args = { p_session_id: sessionId, p_client_id: clientId, p_limit: limit };
      return (await db.call("list_app_session_events", args, { readOnly: true })).map(toEvent);
    },
    async cleanup(batch) {
      const row = await first("cleanup_expired_app_sessions", { p_batch: batch });
      return Number(row.cleanup_expired_app_sessions);
    },
    async cleanupEvents(batch, retentionDays) {
      const args = { p_batch: batch, p_retention: days(retentionDays) };
      return Number((await first("cleanup_app_session_events", args)).cleanup_app_session_events);
    },
    async sweep(batch, retentionDays) {
      const args = { p_batch: batch, p_event_retention: days(retentionDays) };
      const { outcome, deleted, deleted_events } = await first("sweep_expired_app_sessions", args);
      return { outcome, deleted: Number(deleted), deletedEvents: Number(deleted_events) };
    },
  };
}

/** Ten million sessions are counted within half a minute. */
const COUNTING = { timeoutMs: 5 * MINUTE_MS };

async function totals(db: Database, nowMs: number): Promise<SessionTotals> {
  const [row] = await db.call("app_session_totals", { p_now: iso(nowMs) }, { readOnly: true });
  // For the next caller. One instance counts at a time, and a failure is the next caller's to try again.
  if (row?.is_due) void db.call("refresh_app_session_figures", {}, COUNTING).catch(() => undefined);
  return {
    total: Number(row?.total),
    active: Number(row?.active),
    expired: Number(row?.expired),
    clients: Number(row?.clients),
    users: Number(row?.users),
    meanIdleMinutes: Number(row?.mean_idle_minutes),
    countedAtMs: ms(row?.counted_at),
  };
}
