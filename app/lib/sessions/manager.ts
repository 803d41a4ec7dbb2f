import type { Clock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import type { JsonObject } from "../base/json";
import type { ActivityRecorder } from "./activity";
import type { SessionCookie } from "./cookie";
import type { Session, SessionUser } from "./session";
import type { DataPatch, SessionStore } from "./store";
import { hashSecret, newToken, secretMatches } from "./token";
import { isLive } from "./validity";

export type SessionManagerOptions = {
  store: SessionStore;
  cookie: SessionCookie;
  activity: ActivityRecorder;
  clock: Clock;
  /** Absolute lifetime where `start` names none. */
  maxAgeSeconds: number;
};

export type SignIn = { clientId: string; user: SessionUser; data?: JsonObject; maxAgeSeconds?: number };

/** The engine: turns Cookie headers into sessions and sessions into Set-Cookie headers. */
export interface SessionManager {
  /**
   * Starts a session under an id and a secret of our own making. Whatever session the request's cookie opened ends,
   * and nothing of the cookie is taken over (session fixation: OWASP Session Management Cheat Sheet).
   * @throws ClientNotInstalledError where the client is not installed
   */
  start(signIn: SignIn, cookieHeader?: string | null): Promise<{ session: Session; setCookie: string }>;

  /** The live session that the cookie opens, and notes that it was active; undefined for any other cookie, or none. */
  read(cookieHeader: string | null | undefined): Promise<Session | undefined>;

  /** Merges changed keys into the session's data. @returns undefined where the session ended meanwhile */
  saveData(session: Session, patch: DataPatch): Promise<Session | undefined>;

  /** Ends the session that the cookie opens, if any. @returns the `Set-Cookie` value that removes the cookie */
  end(cookieHeader: string | null | undefined): Promise<string>;
}

export function createSessionManager(options: SessionManagerOptions): SessionManager {
  const { store, cookie, activity, clock } = options;

  /** The session whose id and secret the cookie holds, live or not. */
  const open = async (cookieHeader: string | null | undefined): Promise<Session | undefined> => {
    const token = cookie.read(cookieHeader);
    if (!token) return undefined;
    const stored = await store.find(token.id);
    return stored && secretMatches(token.secret, stored.secretHash) ? stored.session : undefined;
  };

  return {
    async start({ clientId, user, data = {}, maxAgeSeconds = options.maxAgeSeconds }, cookieHeader) {
      const replaced = await open(cookieHeader);
      const token = newToken();
      const createdAtMs = clock();
      const session = await store.create({
        id: token.id,
        secretHash: hashSecret(token.secret),
        clientId,
        user,
        data,
        createdAtMs,
        expiresAtMs: createdAtMs + maxAgeSeconds * SECOND_MS,
        replaces: replaced?.id,
      });
      return { session, setCookie: cookie.write(token, maxAgeSeconds) };
    },

    async read(cookieHeader) {
      const session = await open(cookieHeader);
      const nowMs = clock();
      if (!session || !isLive(session, nowMs)) return undefined;
      activity.note(session.id, nowMs);
      return { ...session, lastActivityAtMs: nowMs };
    },

    async saveData(session, patch) {
      const data = await store.saveData(session.id, patch, clock());
      return data && { ...session, data };
    },

    async end(cookieHeader) {
      const session = await open(cookieHeader);
      if (session) await store.end(session.id);
      return cookie.clear();
    },
  };
}
