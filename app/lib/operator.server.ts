import type { Client } from "./clients/client-store";
import {
  endSchema,
  InputError,
  listSchema,
  MOST_ROWS,
  NotFoundError,
  operatorEmailSchema,
  sessionIdSchema,
  understood,
} from "./operator-input.server";
import { countOperatorSessions, endOperatorSessions } from "./operator-session.server";
import { cleanupExpired, cleanupOldEvents } from "./sessions/cleanup";
import { overBecause } from "./sessions/policy";
import type { EndReason, Session, SessionEvent } from "./sessions/session";
import type { SessionScope } from "./sessions/store";
import { cleanupExpiredSessions } from "./sessions.server";
import { commandWiring } from "./wiring.server";

/** DOOR: what the operator's command line asks. What `doctor` asks is in `doctor.server.ts`. */

export { InputError, NotFoundError } from "./operator-input.server";

/** Events that are shown of one session. */
const EVENT_LIMIT = 100;

/**
 * Brings the database up to date, does the errand, and lets go of everything, whatever came of it.
 * @throws ConfigurationError, UnavailableError
 */
export async function operate<T>(errand: () => Promise<T>): Promise<T> {
  const app = commandWiring();
  try {
    await app.db.migrate();
    // What is ended is taken from Redis, and told through it where the database cannot tell.
    await app.connectRedis();
    return await errand();
  } finally {
    await app.stop();
  }
}

/** Open sessions, the newest first, and whether there are more. @throws InputError, NotFoundError */
export async function listSessions(input: { tenant?: string; user?: string; limit?: string }) {
  const { tenant, user, limit } = understood(listSchema, input);
  const { store, clock } = commandWiring();
  const clientId = tenant && (await installedClient(tenant)).id;
  const sessions = await store.listOpen({ clientId, userId: user }, clock(), limit + 1);
  return { sessions: sessions.slice(0, limit), more: sessions.length > limit };
}

export type SessionReport = {
  id: string;
  /** Ended: it is gone, and what is known of it is its history. */
  state: "open" | "expired" | "idle" | "ended";
  endedAtMs: number | null;
  endReason: EndReason | null;
  tenantId: string | null;
  session: (Omit<Session, "id" | "tenantId" | "data"> & { data: { key: string; bytes: number }[] }) | null;
  events: SessionEvent[];
};

/** All that may be told of one session, live or not: no hash, and of its data no values. @throws InputError, NotFoundError */
export async function readSession(input: string | undefined): Promise<SessionReport> {
  const id = understood(sessionIdSchema, input);
  const { store, clients, clock } = commandWiring();
  const events = await store.events({ sessionId: id }, EVENT_LIMIT);
  const found = (await store.find(id, { fresh: true }))?.session;
  if (found) {
    const { id: _, tenantId, data, ...session } = found;
    const state = overBecause(found, clock()) ?? "open";
    const shown = {
      ...session,
      data: Object.entries(data).map(([key, value]) => ({ key, bytes: bytesOf(value) })),
    };
    return { id, state, endedAtMs: null, endReason: null, tenantId, session: shown, events };
  }
  const [newest] = events;
  if (!newest) throw new NotFoundError(`there is no session ${id}, and no history of one`);
  const end = events.find(({ event }) => event === "ended");
  const client = await clients.findById(newest.clientId);
  return {
    id,
    state: "ended",
    endedAtMs: end?.atMs ?? null,
    endReason: end?.reason ?? null,
    tenantId: client?.tenantId ?? null,
    session: null,
    events,
  };
}

export type Ending = {
  /** Whose sessions, in words that follow "of"; undefined for all there are. */
  of: string | undefined;
  open: number;
  /** Ends them, and sign-ins to them that are under way. @returns how many */
  end(): Promise<number>;
};

/** Checks what is to be ended before anything connects. @throws InputError */
export const understandEnding = (input: {
  id?: string;
  tenant?: string;
  user?: string;
  operators?: boolean;
  all?: boolean;
}) => understood(endSchema, input);

/** What would end, to ask before it does. @throws NotFoundError */
export async function prepareEnding(target: ReturnType<typeof understandEnding>): Promise<Ending> {
  const { store, clock } = commandWiring();
  if (target.id) return oneEnding(target.id);
  const endAll = (scope: SessionScope) => store.endAll(scope, "operator");
  if (target.operators) {
    return { of: "operators", open: await countOperatorSessions(), end: endOperatorSessions };
  }
  if (target.tenant === undefined) {
    const [{ active }, operators] = await Promise.all([store.totals(clock()), countOperatorSessions()]);
    const end = async () => (await endAll({})) + (await endOperatorSessions());
    return { of: undefined, open: active + operators, end };
  }
  const { tenant, user } = target;
  const { id: clientId } = await installedClient(tenant);
  if (user === undefined) {
    const { openSessions } = await store.stats(clientId, clock());
    return { of: tenant, open: openSessions, end: () => endAll({ clientId }) };
  }
  const theirs = await store.listOpen({ clientId, userId: user }, clock(), MOST_ROWS);
  const who = `${theirs[0]?.user.name ?? user} at ${tenant}`;
  return { of: who, open: theirs.length, end: () => endAll({ clientId, userId: user }) };
}

async function oneEnding(id: string): Promise<Ending> {
  const { store } = commandWiring();
  const { session, tenantId, endReason } = await readSession(id);
  if (!session)
    throw new NotFoundError(`session ${id} is over already (${endReason ?? "its end is not known"})`);
  const { user, device } = session;
  const of = `${user.name} at ${tenantId}${device ? ` (${device})` : ""}`;
  return { of, open: 1, end: async () => Number(await store.end(id, "operator")) };
}

/**
 * A link that signs an operator in, once, in any browser: for when no mail reaches them.
 * @throws InputError for an address that is none of an operator's
 */
export async function makeOperatorLink(
  input: string | undefined,
): Promise<{ link: string; expiresAtMs: number }> {
  const email = understood(operatorEmailSchema, input);
  const { env, signInLinks, hashMailbox, logger } = commandWiring();
  if (!env.operatorEmails.includes(email)) {
    throw new InputError(`${email} is not among OPERATOR_EMAILS: add it there first`);
  }
  const { token, expiresAtMs } = await signInLinks.issueForAnyBrowser(email);
  const link = new URL("/magic", env.appUrl);
  link.searchParams.set("token", token);
  const mailbox = hashMailbox(email).toString("base64url").slice(0, 22);
  logger.warn({ mailbox }, "sign-in link issued on the command line");
  return { link: link.href, expiresAtMs };
}

/** Deletes what has expired, and history older than it is kept. @returns how many of each */
export async function cleanUp(): Promise<{ sessions: number; events: number; httpSessions: number }> {
  const { store, httpSessions, env } = commandWiring();
  const sessions = await cleanupExpiredSessions();
  const events = await cleanupOldEvents(store, env.sessionEventRetentionDays);
  return { sessions, events, httpSessions: await cleanupExpired(httpSessions) };
}

async function installedClient(tenant: string): Promise<Client> {
  const client = await commandWiring().clients.findByTenant(tenant);
  if (client) return client;
  throw new NotFoundError(
    `no winery ${JSON.stringify(tenant)} has Libero installed; a tenant id is the first label of the admin's host`,
  );
}

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
