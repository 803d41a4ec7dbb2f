import { systemClock } from "../base/clock";
import {
  destroySession,
  type Rights,
  type Rotated,
  refreshSession,
  rotateSession,
  saveSessionData,
} from "./change-session";
import type { CookieHeader } from "./cookie";
import type { DataChange } from "./data";
import { type Parts, readSession } from "./open-session";
import { createRecognition } from "./recognition";
import type { Session } from "./session";
import { type SignIn, startSession } from "./start-session";
import type { SessionStore } from "./store";

export type { SignIn } from "./start-session";

type Optional = "clock" | "rotationGraceSeconds" | "dataMaxBytes";

export type SessionManagerOptions = Omit<Parts, Optional | "present"> &
  Partial<Pick<Parts, Optional>> & {
    /** How many verified cookies are remembered. */
    mostRecognised?: number;
  };

/** The engine: turns Cookie headers into sessions and sessions into Set-Cookie headers. */
export interface SessionManager {
  readonly store: SessionStore;

  /**
   * Starts a session under an id and a secret of our own making. Whatever session the request's cookie opened ends,
   * and nothing of the cookie is taken over (session fixation: OWASP Session Management Cheat Sheet).
   * @throws ClientNotInstalledError, SessionLimitError, SignInOvertakenError, as `SessionStore.create`
   * @throws SessionDataError for data that is not JSON, or too large
   */
  start(signIn: SignIn, cookieHeader?: CookieHeader): Promise<{ session: Session; setCookie: string }>;

  /**
   * The live session that the cookie opens, and notes that it was active; undefined for any other cookie, or none.
   * A cookie whose secret was replaced longer ago than the grace ends its session: somebody has a copy.
   * @param options.fresh asks the store, whatever the cache says
   */
  read(cookieHeader: CookieHeader, options?: { fresh?: boolean }): Promise<Session | undefined>;

  /** Moves the session's end, where the policy renews it with use. Never fails: what could not be renewed is logged. */
  refresh(session: Session): Promise<Session>;

  /**
   * Merges changed keys into the session's data.
   * @returns the session with its data now; undefined where it ended meanwhile
   * @throws SessionConflictError, SessionDataError; nothing is saved then
   */
  saveData(session: Session, change: DataChange): Promise<Session | undefined>;

  /**
   * Gives the session a new secret, as is due when rights change; the old one opens it for the grace's seconds more.
   * @returns the session, and the `Set-Cookie` value to answer with (undefined where another request just rotated it,
   * whose answer brings the cookie); undefined where there is no live session
   */
  rotate(cookieHeader: CookieHeader, rights?: Rights): Promise<Rotated | undefined>;

  /** Ends the session that the cookie opens, if any. @returns the `Set-Cookie` value that removes the cookie */
  destroy(cookieHeader: CookieHeader): Promise<string>;
}

export function createSessionManager(options: SessionManagerOptions): SessionManager {
  const { clock = systemClock, rotationGraceSeconds = 10, dataMaxBytes = 64 * 1024 } = options;
  const present = createRecognition(options.cookie, options.mostRecognised ?? 10_000);
  const parts: Parts = { ...options, present, clock, rotationGraceSeconds, dataMaxBytes };
  return {
    store: options.store,
    start: (signIn, cookieHeader) => startSession(parts, signIn, cookieHeader),
    read: (cookieHeader, { fresh = false } = {}) => readSession(parts, cookieHeader, fresh),
    refresh: (session) => refreshSession(parts, session),
    saveData: (session, change) => saveSessionData(parts, session, change),
    rotate: (cookieHeader, rights) => rotateSession(parts, cookieHeader, rights),
    destroy: (cookieHeader) => destroySession(parts, cookieHeader),
  };
}
