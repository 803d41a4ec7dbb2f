import { ms } from "../db/calls";
import type { Row } from "../db/database";
import type { SessionEvent, SessionSummary } from "../sessions/session";
import type { PreviousSecret, StoredSession } from "../sessions/store";

/** What the SQL functions take and answer, and what the engine speaks. */

export function toStored(row: Row): StoredSession {
  const { createdAtMs, expiresAtMs, lastActivityAtMs } = times(row);
  const session = {
    id: row.id,
    clientId: row.client_id,
    tenantId: row.tenant_id,
    user: { id: row.user_id, name: row.user_name, email: row.user_email, role: row.user_role },
    origin: row.origin,
    device: row.device,
    data: row.data,
    revision: Number(row.revision),
    createdAtMs,
    expiresAtMs,
    // Null in rows that a version without renewal wrote.
    renewableUntilMs: row.renewable_until === null ? expiresAtMs : ms(row.renewable_until),
    maxAgeSeconds: row.max_age_seconds ?? (expiresAtMs - createdAtMs) / 1_000,
    idleTimeoutSeconds: row.idle_timeout_seconds ?? 0,
    lastActivityAtMs,
  };
  return { session, secretHash: Buffer.from(row.secret_hash, "hex"), previous: previousSecrets(row) };
}

function previousSecrets({
  previous_secret_hash,
  previous_secret_until,
  older_secrets,
}: Row): PreviousSecret[] {
  if (!previous_secret_hash) return [];
  const newest = { hash: previous_secret_hash, until: previous_secret_until };
  return [newest, ...(older_secrets ?? [])].map(({ hash, until }) => ({
    secretHash: Buffer.from(hash, "hex"),
    graceUntilMs: ms(until),
  }));
}

export function toSummary(row: Row): SessionSummary {
  return {
    id: row.id,
    clientId: row.client_id,
    tenantId: row.tenant_id,
    user: { id: row.user_id, name: row.user_name },
    origin: row.origin,
    device: row.device,
    ...times(row),
  };
}

export function toEvent(row: Row): SessionEvent {
  return {
    atMs: ms(row.at),
    event: row.event,
    reason: row.reason,
    sessionId: row.session_id,
    clientId: row.client_id,
    user: { id: row.user_id, name: row.user_name },
    device: row.device,
  };
}

function times(row: Row) {
  return {
    createdAtMs: ms(row.created_at),
    expiresAtMs: ms(row.expires_at),
    lastActivityAtMs: ms(row.last_activity_at),
  };
}
