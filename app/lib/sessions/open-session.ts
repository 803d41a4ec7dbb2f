import type { Clock } from "../base/clock";
import type { Logger } from "../base/logger";
import type { ActivityRecorder } from "./activity";
import type { CookieValue, SessionCookie } from "./cookie";
import { isLive, overBecause, type SessionPolicy } from "./policy";
import type { Recognition } from "./recognition";
import type { Session } from "./session";
import type { SessionStore, StoredSession } from "./store";
import { type SessionToken, standingOf } from "./token";

/** What the manager works with. */
export type Parts = {
  store: SessionStore;
  cookie: SessionCookie;
  recognition: Recognition;
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

export type CookieHeader = string | null | undefined;

export type Opened = {
  token: SessionToken & CookieValue;
  stored: StoredSession;
  standing: "current" | "previous";
};

/**
 * The session whose id and secret the cookie holds, live or not. One whose secret was replaced, and is past its grace,
 * ends the session: two parties have a copy of it, and nobody can tell which is the thief (R34).
 */
export async function openSession(
  parts: Parts,
  cookieHeader: CookieHeader,
  fresh = false,
): Promise<Opened | undefined> {
  const { store, cookie, logger, clock } = parts;
  const token = cookie.read(cookieHeader);
  const stored = token && (await store.find(token.id, { fresh }));
  if (!stored) return undefined;
  const standing = standingOf(token.secret, stored, clock());
  if (standing !== "replaced") return { token, stored, standing };
  // A cache may not know yet that the secret is newer than what it has.
  if (!fresh) return openSession(parts, cookieHeader, true);
  const ended = await store.end(token.id, "replayed");
  if (ended)
    logger.warn({ sessionId: token.id }, "a replaced session secret came back: its session was ended");
  return undefined;
}

/** As `openSession`, where the session is live. */
export async function openLiveSession(parts: Parts, cookieHeader: CookieHeader, fresh: boolean) {
  const opened = await openSession(parts, cookieHeader, fresh);
  const nowMs = parts.clock();
  const session = opened && (await ifLive(parts.store, opened.stored.session, nowMs));
  return session && { ...opened, session, nowMs };
}

/** The session if it is live; one that idled too long ends for good, so that no late write can bring it back. */
async function ifLive(store: SessionStore, session: Session, nowMs: number): Promise<Session | undefined> {
  const over = overBecause(session, nowMs);
  if (!over) return session;
  if (over === "expired" || (await store.endIdle(session.id, nowMs))) return undefined;
  // Active elsewhere meanwhile, after all.
  const again = await store.find(session.id, { fresh: true });
  return again && isLive(again.session, nowMs) ? again.session : undefined;
}

/** The live session that a cookie opens; notes that it was active. */
export async function readSession(
  parts: Parts,
  cookieHeader: CookieHeader,
  fresh: boolean,
): Promise<Session | undefined> {
  const opened = await openLiveSession(parts, cookieHeader, fresh);
  if (!opened) return undefined;
  const { session, nowMs } = opened;
  if (parts.store.remembered && opened.standing === "current")
    parts.recognition.keep(opened.stored, opened.token.value);
  parts.activity.note(session.id, nowMs);
  return { ...session, lastActivityAtMs: nowMs };
}

/**
 * The live session that a cookie opens, from memory alone; notes that it was active. Undefined says nothing, neither yes nor
 * no: then the session is to be opened.
 */
export function recogniseSession(parts: Parts, cookieHeader: string): Session | undefined {
  const claim = parts.cookie.claim(cookieHeader);
  const stored = claim && parts.store.remembered?.(claim.id);
  if (!stored || !parts.recognition.isKept(stored, claim.value)) return undefined;
  const nowMs = parts.clock();
  if (!isLive(stored.session, nowMs)) return undefined;
  parts.activity.note(stored.session.id, nowMs);
  return { ...stored.session, lastActivityAtMs: nowMs };
}
