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
import type { Session } from "./session";
import { type SignIn, startSession } from "./start-session";
import type { SessionStore, SignInTicket } from "./store";
import { createVerifiedCookies } from "./verified-cookies";

export type { SignIn } from "./start-session";

type Optional = "clock" | "rotationGraceSeconds" | "dataMaxBytes";

export type SessionManagerOptions = Omit<Parts, Optional | "cookies"> &
  Partial<Pick<Parts, Optional>> & {
    /** How many verified cookies are remembered. */
    maxVerifiedCookies?: number;
  };

/** The engine: turns Cookie headers into sessions and sessions into Set-Cookie headers. */
export interface SessionManager {
  readonly store: SessionStore;

  /**
   * Takes a ticket for `start`, before the user's identity is verified: a sign-in is refused where the sessions of its user
   * or client were all ended after its ticket was taken, on whichever instance. Without one, a sign-in begins when `start`
   * first waits for the store.
   */
  beginSignIn(): Promise<SignInTicket>;

  /**
   * Starts a session under an id and a secret of our own making. All sessions that the request's cookies opened end,
   * and nothing of the cookies is taken over (session fixation: OWASP Session Management Cheat Sheet).
   * @throws ClientNotInstalledError, SessionLimitError, SignInOvertakenError, as `SessionStore.create`
   * @throws SessionDataError for data that is not JSON, or too large
   */
  start(signIn: SignIn, cookieHeader?: CookieHeader): Promise<{ session: Session; setCookie: string }>;

  /**
   * The live session that the cookie opens, and notes that it was active; undefined for any other cookie, or none. Of several
   * cookies of our name the first that opens a live session counts. Where none does, one whose secret was replaced longer
   * ago than the grace ends its session: another party has a copy.
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

  /** Ends all sessions that the cookies open. @returns the `Set-Cookie` value that removes the cookie */
  destroy(cookieHeader: CookieHeader): Promise<string>;
}

export function createSessionManager(options: SessionManagerOptions): SessionManager {
  const { clock = systemClock, rotationGraceSeconds = 10, dataMaxBytes = 64 * 1024 } = options;
  const cookies = createVerifiedCookies(options.cookie, options.maxVerifiedCookies ?? 10_000);
  const parts: Parts = { ...options, cookies, clock, rotationGraceSeconds, dataMaxBytes };
  return {
    store: options.store,
    beginSignIn: () => options.store.beginSignIn(),
    start: (signIn, cookieHeader) => startSession(parts, signIn, cookieHeader),
    read: (cookieHeader, { fresh = false } = {}) => readSession(parts, cookieHeader, fresh),
    refresh: (session) => refreshSession(parts, session),
    saveData: (session, change) => saveSessionData(parts, session, change),
    rotate: (cookieHeader, rights) => rotateSession(parts, cookieHeader, rights),
    destroy: (cookieHeader) => destroySession(parts, cookieHeader),
  };
}
