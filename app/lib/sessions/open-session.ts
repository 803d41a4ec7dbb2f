import type { Clock } from "../base/clock";
import { isReadOnly } from "../base/errors";
import type { Logger } from "../base/logger";
import type { ActivityRecorder } from "./activity";
import type { CookieHeader, SessionCookie } from "./cookie";
import { isLive, overBecause, type SessionPolicy } from "./policy";
import type { Presented } from "./recognition";
import type { Session } from "./session";
import type { SessionMemory, SessionStore, StoredSession } from "./store";
import { standingOf } from "./token";

/** What the manager works with. */
export type Parts = {
  store: SessionStore;
  cookie: SessionCookie;
  /** What a request's cookie stands for; undefined where we made none of them. */
  present: (cookieHeader: CookieHeader) => Presented | undefined;
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

export type Opened = { stored: StoredSession; standing: "current" | "previous" };

/**
 * The session whose id and secret a cookie holds, live or not. One whose secret was replaced, and is past its grace,
 * ends the session: two parties have a copy of it, and nobody can tell which is the thief (R34).
 */
export async function openSession(
  parts: Parts,
  presented: Presented | undefined,
  fresh = false,
): Promise<Opened | undefined> {
  const { store, logger, clock } = parts;
  const stored = presented && (await store.find(presented.id, { fresh }));
  if (!stored) return undefined;
  const standing = standingOf(presented.secretHash, stored, clock());
  if (standing !== "replaced") return { stored, standing };
  // A cache may not know yet that the secret is newer than what it has.
  if (!fresh) return openSession(parts, presented, true);
  const ended = await unlessReadOnly(store.end(presented.id, "replayed"));
  if (ended)
    logger.warn({ sessionId: presented.id }, "a replaced session secret came back: its session was ended");
  if (ended === "read-only")
    logger.error(
      { sessionId: presented.id },
      "a replaced session secret came back: its session could not be ended, the database is read-only",
    );
  return undefined;
}

/** As `openSession`, where the session is live. */
export async function openLiveSession(parts: Parts, presented: Presented | undefined, fresh: boolean) {
  const opened = await openSession(parts, presented, fresh);
  if (!opened) return undefined;
  const { stored, standing } = opened;
  const nowMs = parts.clock();
  const session = isLive(stored.session, nowMs)
    ? stored.session
    : await ifLiveAfterAll(parts, stored.session, nowMs);
  return session && { session, stored, standing, nowMs };
}

/** A session that idled too long ends for good, so that no late write can bring it back. */
async function ifLiveAfterAll(
  { store, activity }: Parts,
  session: Session,
  nowMs: number,
): Promise<Session | undefined> {
  if (overBecause(session, nowMs) === "expired") return undefined;
  const ended = await unlessReadOnly(store.endIdle(session.id, nowMs));
  if (ended === "read-only") {
    // The store cannot know of its use since: that is noted here, until it can be written.
    const lastActivityAtMs = Math.max(session.lastActivityAtMs, activity.notedAt(session.id));
    const noted = { ...session, lastActivityAtMs };
    return isLive(noted, nowMs) ? noted : undefined;
  }
  if (ended) return undefined;
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

/** The live session that a request's cookie opens; notes that it was active. */
export function readSession(
  parts: Parts,
  cookieHeader: CookieHeader,
  fresh: boolean,
): Promise<Session | undefined> {
  const presented = parts.present(cookieHeader);
  const remembered = presented && !fresh ? recallSession(parts, presented) : undefined;
  return remembered ? Promise.resolve(remembered) : lookUpSession(parts, presented, fresh);
}

/** From memory alone, at once. Undefined says nothing, neither yes nor no: then the session is to be looked up. */
function recallSession(parts: Parts, presented: Presented): Session | undefined {
  const { memory } = parts.store;
  if (!memory) return undefined;
  const nowMs = parts.clock();
  const known = presented.place && memory.at(presented.place);
  const stored = known ?? openInMemory(memory, presented, nowMs);
  return stored && isLive(stored.session, nowMs) ? used(parts, stored.session, nowMs) : undefined;
}

/** What memory holds of the session, if the secret is its current one; as long as that is there, it stays so. */
function openInMemory(memory: SessionMemory, presented: Presented, nowMs: number): StoredSession | undefined {
  presented.place = undefined;
  const place = memory.place(presented.id);
  const stored = place && memory.at(place);
  if (!stored || standingOf(presented.secretHash, stored, nowMs) !== "current") return undefined;
  presented.place = place;
  return stored;
}

async function lookUpSession(
  parts: Parts,
  presented: Presented | undefined,
  fresh: boolean,
): Promise<Session | undefined> {
  const opened = await openLiveSession(parts, presented, fresh);
  return opened && used(parts, opened.session, opened.nowMs);
}

function used({ activity }: Parts, session: Session, nowMs: number): Session {
  activity.note(session.id, nowMs);
  return { ...session, lastActivityAtMs: nowMs };
}
