import { ClientNotInstalledError } from "../base/errors";
import { iso, LOOK_UP, ms, scalar } from "../db/calls";
import type { CallArguments, Database } from "../db/database";
import { endInBatches } from "../db/end-in-batches";
import { dataTooLarge } from "../sessions/data-check";
import { SessionConflictError, SessionLimitError, SignInOvertakenError } from "../sessions/errors";
import type { EndReason, Session } from "../sessions/session";
import type {
  DataPatch,
  NewSession,
  Rotation,
  SavedData,
  SeenSession,
  SessionScope,
  SessionStore,
} from "../sessions/store";
import { createSqlSessionDirectory } from "./sql-directory";
import { createSqlLookUps } from "./sql-look-ups";

/** Sessions in the database's functions, over whichever wire. One round trip a call. */
export function createSqlSessionStore(db: Database): SessionStore {
  /** Calls a function that answers how many. */
  const count = async (name: string, args: CallArguments) => Number(await scalar(db, name, args));

  return {
    ...createSqlSessionDirectory(db),
    beginSignIn: async () => Number(await scalar(db, "begin_app_sign_in", {})),
    create: (session) => create(db, session),
    find: createSqlLookUps(db),
    async touch(activity) {
      const [ids, times] = [[...activity.keys()], [...activity.values()].map(iso)];
      await db.call("touch_app_sessions", { p_ids: ids, p_times: times });
    },
    saveData: (seen, patch, nowMs) => saveData(db, seen, patch, nowMs),
    rotate: async (seen, rotation, nowMs) =>
      (await count("rotate_app_session", { ...seenAt(seen, nowMs), ...rotationOf(rotation) })) > 0,
    async renew(seen, expiresAtMs, nowMs) {
      const args = { ...seenAt(seen, nowMs), p_expires_at: iso(expiresAtMs) };
      // On the way of a reader, too.
      const [row] = await db.call("renew_app_session", args, { timeoutMs: LOOK_UP.timeoutMs });
      return row && ms(row.expires_at);
    },
    end: async (id, reason) => (await count("end_app_session", { p_id: id, p_reason: reason })) > 0,
    endIdle: async (seen, nowMs) => (await count("end_idle_app_session", seenAt(seen, nowMs))) > 0,
    endAll: (scope, reason) => endAll(db, scope, reason),
  };
}

async function create(db: Database, given: NewSession): Promise<Session> {
  const { secretHash, isRoleKnown, replaces, ticket, limit, ...session } = given;
  const { user } = session;
  const [row] = await db.call("start_app_session", {
    p_session: {
      id: session.id,
      client_id: session.clientId,
      secret_hash: secretHash.toString("hex"),
      user_id: user.id,
      user_name: user.name,
      user_email: user.email,
      user_role: user.role,
      is_role_known: isRoleKnown,
      data: session.data,
      created_at: iso(session.createdAtMs),
      expires_at: iso(session.expiresAtMs),
      renewable_until: iso(session.renewableUntilMs),
      max_age_seconds: session.maxAgeSeconds,
      idle_timeout_seconds: session.idleTimeoutSeconds,
      origin: session.origin,
      device: session.device,
      replaces,
      ticket: ticket ?? null,
      max_sessions: limit.max,
      at_limit: limit.atMax,
    },
  });
  if (!row) throw new ClientNotInstalledError(`client ${session.clientId} is not installed`);
  if (row.outcome === "overtaken") {
    throw new SignInOvertakenError("all sessions were ended during this sign-in");
  }
  if (row.outcome === "limit") {
    throw new SessionLimitError(`user ${user.id} has as many sessions as they may: ${limit.max}`);
  }
  return { ...session, tenantId: row.tenant_id, revision: 0, lastActivityAtMs: session.createdAtMs };
}

async function saveData(
  db: Database,
  seen: SeenSession,
  { set, unset, overwrite, revision, maxBytes }: DataPatch,
  nowMs: number,
): Promise<SavedData | undefined> {
  const [row] = await db.call("save_app_session_data", {
    ...seenAt(seen, nowMs),
    p_set: set,
    p_unset: unset,
    p_overwrite: overwrite,
    p_revision: revision,
    p_max_bytes: maxBytes,
  });
  if (row?.outcome === "conflict") throw new SessionConflictError(row.conflicts);
  if (row?.outcome === "too-large") throw dataTooLarge(row.bytes, maxBytes);
  return row && { data: row.data, revision: Number(row.revision) };
}

function seenAt({ id, lastActivityAtMs }: SeenSession, nowMs: number) {
  return { p_id: id, p_now: iso(nowMs), p_active_at: iso(lastActivityAtMs) };
}

function rotationOf({ from, to, graceUntilMs, role }: Rotation) {
  return {
    p_from: from.toString("hex"),
    p_to: to.toString("hex"),
    p_grace_until: iso(graceUntilMs),
    p_user_role: role ?? null,
    p_sets_role: role !== undefined,
  };
}

async function endAll(db: Database, scope: SessionScope, reason: EndReason): Promise<number> {
  const { clientId, userId, exceptId } = { userId: undefined, exceptId: undefined, ...scope };
  const of = { p_client_id: clientId ?? null, p_user_id: userId ?? null, p_except: exceptId ?? null };
  return endInBatches(db, { ...of, p_reason: reason });
}
