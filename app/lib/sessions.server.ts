import { redirect } from "@remix-run/node";
import { ClientNotInstalledError } from "./base/errors";
import type { Client } from "./clients/client-store";
import { cleanupExpired } from "./sessions/cleanup";
import type { SignIn } from "./sessions/manager";
import type { Session } from "./sessions/session";
import type { DataPatch } from "./sessions/store";
import { wiring } from "./wiring.server";

/** DOOR: app sessions, for routes and commands. A session is known by the cookie `__libero_session`. */

export type { Session, SessionSummary } from "./sessions/session";

/** The live session of a request; undefined where there is none. Notes the activity. */
export function getSession(request: Request): Promise<Session | undefined> {
  return wiring().sessions.read(request.headers.get("cookie"));
}

/** The live session of a request. @throws a redirect to `/` where there is none */
export async function requireSession(request: Request): Promise<Session> {
  const session = await getSession(request);
  if (!session) throw redirect("/");
  return session;
}

/**
 * Starts a session at a client, by the client's own lifetime, and ends the one that the request came with.
 * @returns the session, and the `Set-Cookie` value to answer with; undefined where the client is not installed, or was
 * uninstalled while we asked
 */
export async function startSession(
  request: Request,
  { id: clientId, settings }: Client,
  signIn: Pick<SignIn, "user" | "data">,
) {
  const maxAgeSeconds = settings.sessionMaxAgeSeconds ?? undefined;
  try {
    return await wiring().sessions.start(
      { clientId, maxAgeSeconds, ...signIn },
      request.headers.get("cookie"),
    );
  } catch (error) {
    if (error instanceof ClientNotInstalledError) return undefined;
    throw error;
  }
}

/**
 * Merges changed keys into the session's data.
 * @returns the session with its data now; undefined where it ended meanwhile
 * @public for routes of the apps that start from here
 */
export function saveSessionData(session: Session, patch: DataPatch): Promise<Session | undefined> {
  return wiring().sessions.saveData(session, patch);
}

/** Ends the session of a request, if any. @returns the `Set-Cookie` value that removes the cookie */
export function endSession(request: Request): Promise<string> {
  return wiring().sessions.end(request.headers.get("cookie"));
}

/** Open sessions of a client, the newest first. */
export function listOpenSessions(clientId: string, limit: number) {
  const { store, clock } = wiring();
  return store.listOpen(clientId, clock(), limit);
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
