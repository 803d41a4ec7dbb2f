import { redirect } from "@remix-run/node";
import type { Client } from "./clients/client-store";
import { withKnownDevice } from "./device.server";
import { cleanupExpired } from "./sessions/cleanup";
import { type DataChange, openData, type SessionData } from "./sessions/data";
import type { SignIn } from "./sessions/manager";
import type { Session } from "./sessions/session";
import { wiring } from "./wiring.server";

/**
 * DOOR: app sessions, for routes and commands. A session is known by the cookie `__libero_session`.
 * Who else is signed in, and how to sign them out, is in `devices.server.ts`.
 */

export type { Session, SessionSummary } from "./sessions/session";

/** The live session of a request; undefined where there is none. Notes the activity, and renews where that is due. */
export async function getSession(request: Request): Promise<Session | undefined> {
  const { sessions } = wiring();
  const session = await sessions.read(request.headers.get("cookie"));
  return session && sessions.refresh(session);
}

/** The live session of a request. @throws a redirect to `/` where there is none */
export async function requireSession(request: Request): Promise<Session> {
  const session = await getSession(request);
  if (!session) throw redirect("/");
  return session;
}

/** As `requireSession`, for what must not rest on a memory of milliseconds ago: always asks the store. */
export async function requireFreshSession(request: Request): Promise<Session> {
  const session = await wiring().sessions.read(request.headers.get("cookie"), { fresh: true });
  if (!session) throw redirect("/");
  return session;
}

/**
 * Takes a ticket for a sign-in, before its user is verified: "sign out everywhere" ends it from now on.
 * @throws UnavailableError
 */
export const beginSignIn = () => wiring().sessions.beginSignIn();

export type Start =
  | { outcome: "started"; session: Session; setCookie: string }
  /** The client is not installed, or was uninstalled while we asked. */
  | { outcome: "not-installed" }
  /** The user has as many sessions as the client allows, and the client refuses another. */
  | { outcome: "limit" }
  /** All sessions of the user, or the client, were ended while this one was starting. */
  | { outcome: "overtaken" };

/** Starts a session at a client, by the client's own policy, and ends the one that the request came with. */
export async function startSession(
  request: Request,
  { id: clientId, settings }: Client,
  signIn: Pick<SignIn, "user" | "data" | "origin" | "device" | "ticket">,
): Promise<Start> {
  const policy = {
    maxAgeSeconds: settings.sessionMaxAgeSeconds,
    idleTimeoutSeconds: settings.sessionIdleTimeoutSeconds,
    renewalLimitSeconds: settings.sessionRenewalLimitSeconds,
    maxSessionsPerUser: settings.sessionMaxPerUser,
    atSessionLimit: settings.sessionAtLimit,
  };
  try {
    const started = await wiring().sessions.start(
      { clientId, policy, ...signIn },
      request.headers.get("cookie"),
    );
    return { outcome: "started", ...started };
  } catch (error) {
    const outcome = REFUSALS[(error as Error).name];
    if (!outcome) throw error;
    return { outcome };
  }
}

const REFUSALS: Record<string, Exclude<Start["outcome"], "started">> = {
  ClientNotInstalledError: "not-installed",
  SessionLimitError: "limit",
  SignInOvertakenError: "overtaken",
};

/** The session's data to work with: get, set, unset, flash. Nothing is kept before `saveSessionData`. */
export function sessionData(session: Session): SessionData {
  return openData(session);
}

/**
 * Saves the keys that changed, and no other.
 * @returns the session with its data now; undefined where it ended meanwhile
 * @throws SessionConflictError where another request changed one of them since the session was read;
 * SessionDataError for what is not JSON, or too large
 */
export function saveSessionData(session: Session, change: DataChange): Promise<Session | undefined> {
  return wiring().sessions.saveData(session, change);
}

/**
 * Gives the session a new secret, and the user a new role: to be called whenever rights change.
 * @returns the session, and the `Set-Cookie` value to answer with, if any; undefined where there is no session
 * @public for routes of the apps that start from here
 */
export function rotateSession(request: Request, rights?: { role: string }) {
  return wiring().sessions.rotate(request.headers.get("cookie"), rights);
}

/** Ends the session of a request, if any. @returns the `Set-Cookie` value that removes the cookie */
export function endSession(request: Request): Promise<string> {
  return wiring().sessions.destroy(request.headers.get("cookie"));
}

/** Open sessions of a client, the newest first. */
export async function listOpenSessions(clientId: string, limit: number) {
  const { store, clock } = wiring();
  return (await store.listOpen({ clientId }, clock(), limit)).map(withKnownDevice);
}

/** How many sessions of a client are open, and how many people hold them. */
export function sessionStats(clientId: string) {
  const { store, clock } = wiring();
  return store.stats(clientId, clock());
}

/** Deletes every session that has expired, by the database's clock. @returns how many */
export function cleanupExpiredSessions(): Promise<number> {
  return cleanupExpired(wiring().store);
}
