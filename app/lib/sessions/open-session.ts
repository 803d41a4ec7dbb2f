import type { Clock } from "../base/clock";
import { isReadOnly } from "../base/errors";
import type { Logger } from "../base/logger";
import type { ActivityRecorder } from "./activity";
import type { CookieHeader, SessionCookie } from "./cookie";
import { isLive, overBecause, type SessionPolicy } from "./policy";
import type { Session } from "./session";
import type { SessionMemory, SessionStore, StoredSession } from "./store";
import { secretStatus } from "./token";
import type { VerifiedCookie, VerifiedCookies } from "./verified-cookies";

/** What the manager works with. */
export type Parts = {
  store: SessionStore;
  cookie: SessionCookie;
  /** The cookies of a request that we made. */
  cookies: VerifiedCookies;
  activity: ActivityRecorder;
  logger: Logger;
  /** What sign-ins go by that name no policy of their own. */
  policy: SessionPolicy;
  clock: Clock;
  /** How long a replaced secret still opens the session, for requests that are already on their way. */
  rotationGraceSeconds: number;
  /** Most bytes of a session's data as JSON. */
  dataMaxBytes: number;
};

export type Opened = { stored: StoredSession; status: "current" | "previous" };

/**
 * The sessions that a request's cookies open, live or not, in the order the cookies came. Where none opens one, a cookie
 * whose secret was replaced, and is past its grace, ends its session: two parties have a copy of it, and nothing tells which is
 * the thief (R34). Beside a cookie that opens a session it is merely an old cookie that the browser kept.
 */
export async function openSessions(
  parts: Parts,
  cookies: VerifiedCookie[],
  fresh = false,
): Promise<Opened[]> {
  const checked = await Promise.all(cookies.map((cookie) => checkCookie(parts, cookie, fresh)));
  const opened: Opened[] = [];
  for (const { stored, status } of checked) {
    if (status !== "current" && status !== "previous") continue;
    const known = opened.findIndex((one) => one.stored.session.id === stored.session.id);
    if (known === -1) opened.push({ stored, status });
    else if (status === "current") opened[known] = { stored, status };
  }
  if (opened.length === 0) {
    const replayed = checked.flatMap(({ stored, status }) =>
      status === "replaced" ? stored.session.id : [],
    );
    await Promise.all([...new Set(replayed)].map((id) => endReplayed(parts, id)));
  }
  return opened;
}

type Checked =
  | { stored: StoredSession; status: "current" | "previous" | "replaced" }
  | { stored?: undefined; status: "unknown" };

async function checkCookie(parts: Parts, cookie: VerifiedCookie, fresh: boolean): Promise<Checked> {
  const stored = await parts.store.find(cookie.id, { fresh });
  if (!stored) return { status: "unknown" };
  const status = secretStatus(cookie.secretHash, stored, parts.clock());
  // A cache may not know yet that the secret is newer than what it has.
  return status === "replaced" && !fresh ? checkCookie(parts, cookie, true) : { stored, status };
}

async function endReplayed({ store, logger }: Parts, sessionId: string): Promise<void> {
  const ended = await unlessReadOnly(store.end(sessionId, "replayed"));
  if (ended === "read-only")
    logger.error(
      { sessionId },
      "a replaced session secret came back: its session could not be ended, the database is read-only",
    );
  else if (ended) logger.warn({ sessionId }, "a replaced session secret came back: its session was ended");
}

/** The first live session that a request's cookies open. */
export async function openLiveSession(parts: Parts, cookies: VerifiedCookie[], fresh: boolean) {
  const all = await openSessions(parts, cookies, fresh);
  const nowMs = parts.clock();
  const live = all.find(({ stored }) => isLive(stored.session, nowMs));
  if (live) return { stored: live.stored, status: live.status, session: live.stored.session, nowMs };
  for (const { stored, status } of all) {
    const session = await recheckIdle(parts, stored.session, nowMs);
    if (session) return { stored, status, session, nowMs };
  }
  return undefined;
}

/** A session that idled too long ends for good, so that no late write can bring it back. */
async function recheckIdle(
  { store, activity }: Parts,
  session: Session,
  nowMs: number,
): Promise<Session | undefined> {
  if (overBecause(session, nowMs) === "expired") return undefined;
  // The store does not know yet of what was noted here and waits to be written.
  const lastActivityAtMs = Math.max(session.lastActivityAtMs, activity.notedAt(session.id));
  const noted = { ...session, lastActivityAtMs };
  if (isLive(noted, nowMs)) return noted;
  // True, or read-only: over in either case.
  if (await unlessReadOnly(store.endIdle(noted, nowMs))) return undefined;
  // Active elsewhere meanwhile.
  const again = await store.find(session.id, { fresh: true });
  return again && isLive(again.session, nowMs) ? again.session : undefined;
}

/** A read does not fail because a read-only database cannot end an expired session: its cookie is refused all the same. */
async function unlessReadOnly(ended: Promise<boolean>): Promise<boolean | "read-only"> {
  try {
    return await ended;
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return "read-only";
  }
}

/** The live session that a request's cookies open; notes that it was active. */
export function readSession(
  parts: Parts,
  cookieHeader: CookieHeader,
  fresh: boolean,
): Promise<Session | undefined> {
  const remembers = !fresh && parts.store.memory !== undefined;
  const known = remembers ? parts.cookies.known(cookieHeader) : undefined;
  const knownSession = known && recallSession(parts, known);
  if (knownSession) return Promise.resolve(knownSession);
  const cookies = parts.cookies.all(cookieHeader);
  const [first] = cookies;
  const firstSession = remembers && first && first !== known ? recallSession(parts, first) : undefined;
  return firstSession ? Promise.resolve(firstSession) : lookUpSession(parts, cookies, fresh);
}

/** From memory alone, at once. Undefined says nothing, neither yes nor no: then the session is to be looked up. */
function recallSession(parts: Parts, cookie: VerifiedCookie): Session | undefined {
  const { memory } = parts.store;
  if (!memory) return undefined;
  const nowMs = parts.clock();
  const known = cookie.place && memory.at(cookie.place);
  const stored = known ?? openInMemory(memory, cookie, nowMs);
  return stored && isLive(stored.session, nowMs) ? recordUse(parts, stored.session, nowMs) : undefined;
}

/** What memory holds of the session, if the secret is its current one; as long as that is there, it stays so. */
function openInMemory(
  memory: SessionMemory,
  cookie: VerifiedCookie,
  nowMs: number,
): StoredSession | undefined {
  cookie.place = undefined;
  const place = memory.place(cookie.id);
  const stored = place && memory.at(place);
  if (!stored || secretStatus(cookie.secretHash, stored, nowMs) !== "current") return undefined;
  cookie.place = place;
  return stored;
}

async function lookUpSession(
  parts: Parts,
  cookies: VerifiedCookie[],
  fresh: boolean,
): Promise<Session | undefined> {
  const opened = await openLiveSession(parts, cookies, fresh);
  return opened && recordUse(parts, opened.session, opened.nowMs);
}

function recordUse({ activity }: Parts, session: Session, nowMs: number): Session {
  activity.note(session.id, nowMs);
  return { ...session, lastActivityAtMs: nowMs };
}
