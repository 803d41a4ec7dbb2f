import { SECOND_MS } from "../base/durations";
import type { JsonObject } from "../base/json";
import type { CookieHeader } from "./cookie";
import { checkData } from "./data-check";
import { openSessions, type Parts } from "./open-session";
import { type ChosenPolicy, timesOf, withChosen } from "./policy";
import type { Session, SessionOrigin, SessionUser } from "./session";
import type { SignInTicket } from "./store";
import { hashSecret, newToken } from "./token";
import type { VerifiedCookie } from "./verified-cookies";

export type SignIn = {
  clientId: string;
  /**
   * Where `role` is left out, it is not known: the session has none, and other sessions of the user keep theirs. `null` says
   * that the user has no role: other sessions that have one end.
   */
  user: Omit<SessionUser, "role"> & { role?: string | null };
  origin?: SessionOrigin;
  device?: string | null;
  data?: JsonObject;
  /** Where the client has a policy of its own. */
  policy?: ChosenPolicy;
  /** From `beginSignIn`. */
  ticket?: SignInTicket;
};

/** Begins a session under a new id and secret, in place of those that the cookies open. */
export async function startSession(
  parts: Parts,
  signIn: SignIn,
  cookieHeader: CookieHeader,
): Promise<{ session: Session; setCookie: string }> {
  const nowMs = parts.clock();
  const { data = {}, origin = "open", device = null, policy: own, user, clientId } = signIn;
  checkData(data, parts.dataMaxBytes);
  const policy = withChosen(parts.policy, own);
  const [replaced, ticket] = await beforeSignIn(parts, parts.cookies.all(cookieHeader), signIn.ticket);
  const token = newToken();
  const session = await parts.store.create({
    clientId,
    user: { ...user, role: user.role ?? null },
    isRoleKnown: user.role !== undefined,
    ...timesOf(policy, nowMs),
    id: token.id,
    secretHash: hashSecret(token.secret),
    data,
    origin,
    device,
    replaces: replaced.map(({ stored }) => stored.session.id),
    ticket,
    limit: { max: policy.maxSessionsPerUser, atMax: policy.atSessionLimit },
  });
  return { session, setCookie: parts.cookie.write(token, browserMaxAgeSeconds(session, nowMs)) };
}

/**
 * What has to be known before the session is made. A ticket costs no time of its own beside the look-up; where nothing is
 * looked up, the sign-in does not wait, and the store orders it when it makes the session.
 */
async function beforeSignIn(parts: Parts, cookies: VerifiedCookie[], ticket: SignInTicket | undefined) {
  if (cookies.length === 0) return [[], ticket] as const;
  return Promise.all([openSessions(parts, cookies), ticket ?? parts.store.beginSignIn()]);
}

/** How long the browser keeps the cookie: as long as renewal may reach. */
export function browserMaxAgeSeconds({ renewableUntilMs, expiresAtMs }: Session, nowMs: number): number {
  return Math.ceil((Math.max(renewableUntilMs, expiresAtMs) - nowMs) / SECOND_MS);
}
