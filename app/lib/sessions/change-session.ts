import { SECOND_MS } from "../base/durations";
import { isReadOnly, messageOf } from "../base/errors";
import type { CookieHeader } from "./cookie";
import type { DataChange } from "./data";
import { checkData, checkKeys } from "./data-check";
import { openLiveSession, openSessions, type Parts } from "./open-session";
import { renewedEndMs } from "./policy";
import type { Session } from "./session";
import { browserMaxAgeSeconds } from "./start-session";
import { hashSecret, newSecret } from "./token";

/** What changes about a session when its user is given another role, or (null) none. */
export type Rights = { role: string | null };

export type Rotated = { session: Session; setCookie: string | undefined };

export async function refreshSession({ store, clock, logger }: Parts, session: Session): Promise<Session> {
  const nowMs = clock();
  const endMs = renewedEndMs(session, nowMs);
  if (endMs === undefined) return session;
  try {
    const expiresAtMs = await store.renew(session, endMs, nowMs);
    return expiresAtMs === undefined ? session : { ...session, expiresAtMs };
  } catch (error) {
    // While the database is read-only, every use of every session that is due comes here: that is logged once elsewhere.
    const level = isReadOnly(error) ? "debug" : "warn";
    logger[level]({ reason: messageOf(error) }, "a session could not be renewed; its next use tries again");
    return session;
  }
}

export async function saveSessionData(
  { store, clock, dataMaxBytes }: Parts,
  session: Session,
  { set = {}, unset = [], overwrite = [] }: DataChange,
): Promise<Session | undefined> {
  checkData(set, dataMaxBytes);
  checkKeys([...unset, ...overwrite]);
  const patch = { set, unset, overwrite, revision: session.revision, maxBytes: dataMaxBytes };
  const saved = await store.saveData(session, patch, clock());
  return saved && { ...session, ...saved };
}

export async function rotateSession(
  parts: Parts,
  cookieHeader: CookieHeader,
  rights?: Rights,
): Promise<Rotated | undefined> {
  const opened = await openLiveSession(parts, parts.cookies.all(cookieHeader), true);
  if (!opened) return undefined;
  const { session, stored, status, nowMs } = opened;
  // Another request just rotated it, and its answer brings the cookie. Other rights have to be set all the same.
  const asWanted = !rights || session.user.role === rights.role;
  if (status === "previous" && asWanted) return { session, setCookie: undefined };

  const token = { id: session.id, secret: newSecret() };
  const graceUntilMs = nowMs + parts.rotationGraceSeconds * SECOND_MS;
  const rotation = { from: stored.secretHash, to: hashSecret(token.secret), graceUntilMs, ...rights };
  // Overtaken by another rotation, or by the session's end: which of them shows when it is opened again.
  if (!(await parts.store.rotate(session, rotation, nowMs)))
    return rotateSession(parts, cookieHeader, rights);
  const user = { ...session.user, ...rights };
  return {
    session: { ...session, user },
    setCookie: parts.cookie.write(token, browserMaxAgeSeconds(session, nowMs)),
  };
}

export async function destroySession(parts: Parts, cookieHeader: CookieHeader): Promise<string> {
  const opened = await openSessions(parts, parts.cookies.all(cookieHeader));
  await Promise.all(opened.map(({ stored }) => parts.store.end(stored.session.id, "signed_out")));
  return parts.cookie.clear();
}
