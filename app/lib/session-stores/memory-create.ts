import { ClientNotInstalledError } from "../base/errors";
import { SessionLimitError, SignInOvertakenError } from "../sessions/errors";
import type { Session } from "../sessions/session";
import type { NewSession } from "../sessions/store";
import {
  endThese,
  endWhere,
  isUnusedInstall,
  liveSessions,
  type MemoryState,
  record,
  scopeKey,
} from "./memory-state";

/** Makes the session and ends those it takes the place of. @throws as `SessionStore.create` */
export function createInMemory(
  state: MemoryState,
  { replaces, secretHash, isRoleKnown, ticket, limit, ...fields }: NewSession,
): Session {
  const { clientId, user, createdAtMs } = fields;
  const client = state.clients(clientId);
  if (!client?.installed) throw new ClientNotInstalledError(`client ${clientId} is not installed`);
  const scopes = [{}, { clientId }, { clientId, userId: user.id }];
  const cutoff = Math.max(...scopes.map((scope) => state.cutoffs.get(scopeKey(scope)) ?? 0));
  if (ticket !== undefined && cutoff > ticket)
    throw new SignInOvertakenError("all sessions were ended during this sign-in");
  if (state.sessions.has(fields.id)) throw new Error(`session id ${fields.id} is in use`);

  const others = liveSessions(state, { clientId, userId: user.id }, createdAtMs).filter(
    ({ id }) => !replaces.includes(id),
  );
  const hasOtherRole = ({ user: { role } }: Session) => isRoleKnown && role !== null && role !== user.role;
  const orderOf = ({ id }: Session) => state.sessions.get(id)?.startedOrder ?? 0;
  const counted = others.filter((other) => !hasOtherRole(other)).sort((a, b) => orderOf(a) - orderOf(b));
  const used = counted.filter((other) => !isUnusedInstall(other));
  if (limit.max > 0 && limit.atMax === "refuse-new" && used.length >= limit.max) {
    throw new SessionLimitError(`user ${user.id} has ${used.length} sessions, and may have ${limit.max}`);
  }
  const excess = limit.max > 0 ? Math.max(0, counted.length - limit.max + 1) : 0;
  const tooMany = [...counted.filter(isUnusedInstall), ...used].slice(0, excess);

  endThese(state, others.filter(hasOtherRole), "rights_changed");
  endThese(state, tooMany, "limit");
  endWhere(state, ({ id }) => replaces.includes(id), "replaced");
  const session = { ...fields, tenantId: client.tenantId, revision: 0, lastActivityAtMs: createdAtMs };
  const stored = {
    session: structuredClone(session),
    secretHash: Buffer.from(secretHash),
    previous: [],
  };
  state.sessions.set(session.id, { ...stored, keyRevisions: new Map(), startedOrder: state.nextOrder() });
  record(state, session, "started", null);
  return session;
}
