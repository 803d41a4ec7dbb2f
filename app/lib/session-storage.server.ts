import type { Session, SessionStorage } from "@remix-run/node";
import { wiring } from "./wiring.server";

/**
 * DOOR: sessions that live in the browser's cookie alone, as trigger.dev has them: `__session`, Lax, a year, signed by
 * `SESSION_SECRET`, and encrypted where `SESSION_ENCRYPTION_KEY` is set. For what nobody has to be able to end: a sign-in by
 * link that is under way, a preference. Who is signed in is known by `sessions.server.ts`.
 */

const storage = () => wiring().cookieSessions;

export const sessionStorage: SessionStorage = {
  getSession: (cookieHeader, options) => storage().getSession(cookieHeader, options),
  commitSession: (session, options) => storage().commitSession(session, options),
  destroySession: (session, options) => storage().destroySession(session, options),
};

/** The session of a request; an empty one where there is none. */
export function getUserSession(request: Request): Promise<Session> {
  return storage().getUserSession(request);
}

/** With Remix's own signatures: Cookie header → session → Set-Cookie header. */
export const { getSession, commitSession, destroySession } = sessionStorage;
