import { ClientNotInstalledError } from "../base/errors";
import type { Database, Row } from "../db/database";
import type { Session, SessionSummary } from "../sessions/session";
import type { SessionStore } from "../sessions/store";

const iso = (ms: number) => new Date(ms).toISOString();
const ms = (instant: string | Date) => new Date(instant).getTime();

/** Sessions in the database's functions, over whichever wire. One round trip a call. */
export function createSqlSessionStore(db: Database): SessionStore {
  return {
    async create({ replaces, secretHash, ...session }) {
      const [row] = await db.call("create_app_session", {
        p_id: session.id,
        p_client_id: session.clientId,
        p_secret_hash: secretHash.toString("hex"),
        p_user_id: session.user.id,
        p_user_name: session.user.name,
        p_user_email: session.user.email,
        p_user_role: session.user.role,
        p_data: session.data,
        p_created_at: iso(session.createdAtMs),
        p_expires_at: iso(session.expiresAtMs),
        p_replaces: replaces ?? null,
      });
      if (!row) throw new ClientNotInstalledError(`client ${session.clientId} is not installed`);
      return { ...session, tenantId: row.tenant_id, lastActivityAtMs: session.createdAtMs };
    },

    async find(id) {
      const [row] = await db.call("find_app_session", { p_id: id });
      return row && { session: toSession(row), secretHash: Buffer.from(row.secret_hash, "hex") };
    },

    async touch(activity) {
      await db.call("touch_app_sessions", {
        p_ids: [...activity.keys()],
        p_times: [...activity.values()].map(iso),
      });
    },

    async saveData(id, { set = {}, unset = [] }, nowMs) {
      const [row] = await db.call("save_app_session_data", {
        p_id: id,
        p_now: iso(nowMs),
        p_set: set,
        p_unset: unset,
      });
      return row?.data;
    },

    async end(id) {
      const [row] = await db.call("end_app_session", { p_id: id });
      return Number(row?.end_app_session) > 0;
    },

    async listOpen(clientId, nowMs, limit) {
      const args = { p_client_id: clientId, p_now: iso(nowMs), p_limit: limit };
      return (await db.call("list_open_app_sessions", args)).map(toSummary);
    },

    async stats(clientId, nowMs) {
      const [row] = await db.call("client_app_session_stats", { p_client_id: clientId, p_now: iso(nowMs) });
      return { openSessions: Number(row?.open_sessions), signedInUsers: Number(row?.signed_in_users) };
    },

    async cleanup(batch) {
      const [row] = await db.call("cleanup_expired_app_sessions", { p_batch: batch });
      return Number(row?.cleanup_expired_app_sessions);
    },

    async sweep(batch) {
      const [row] = await db.call("sweep_expired_app_sessions", { p_batch: batch });
      return { outcome: row?.outcome, deleted: Number(row?.deleted) };
    },
  };
}

function toSession(row: Row): Session {
  return {
    id: row.id,
    clientId: row.client_id,
    tenantId: row.tenant_id,
    user: { id: row.user_id, name: row.user_name, email: row.user_email, role: row.user_role },
    data: row.data,
    ...times(row),
  };
}

function toSummary(row: Row): SessionSummary {
  return { id: row.id, user: { id: row.user_id, name: row.user_name }, ...times(row) };
}

function times(row: Row) {
  return {
    createdAtMs: ms(row.created_at),
    expiresAtMs: ms(row.expires_at),
    lastActivityAtMs: ms(row.last_activity_at),
  };
}
