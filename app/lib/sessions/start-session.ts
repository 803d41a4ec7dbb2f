import { SECOND_MS } from "../base/durations";
import type { JsonObject } from "../base/json";
import type { CookieHeader } from "./cookie";
import { checkData } from "./data-check";
import { openSession, type Parts } from "./open-session";
import { type ChosenPolicy, timesOf, withChosen } from "./policy";
import type { Session, SessionOrigin, SessionUser } from "./session";
import { hashSecret, newToken } from "./token";

export type SignIn = {
  clientId: string;
  user: SessionUser;
  origin?: SessionOrigin;
  device?: string | null;
  data?: JsonObject;
  /** Where the client has a policy of its own. */
  policy?: ChosenPolicy;
};

/** Begins a session under a new id and secret, in place of the one that the cookie opens. */
export async function startSession(
  parts: Parts,
  signIn: SignIn,
  cookieHeader: CookieHeader,
): Promise<{ session: Session; setCookie: string }> {
  // Before anything else: whoever is signed out everywhere from now on is not let in by this sign-in.
  const nowMs = parts.clock();
  const { data = {}, origin = "open", device = null, policy: own, ...who } = signIn;
  checkData(data, parts.dataMaxBytes);
  const policy = withChosen(parts.policy, own);
  const replaced = await openSession(parts, parts.present(cookieHeader));
  const token = newToken();
  const session = await parts.store.create({
    ...who,
    ...timesOf(policy, nowMs),
    id: token.id,
    secretHash: hashSecret(token.secret),
    data,
    origin,
    device,
    replaces: replaced?.stored.session.id,
    limit: { max: policy.maxSessionsPerUser, atMax: policy.atSessionLimit },
  });
  return { session, setCookie: parts.cookie.write(token, browserMaxAgeSeconds(session, nowMs)) };
}

/** How long the browser keeps the cookie: as long as renewal may reach. */
export function browserMaxAgeSeconds({ renewableUntilMs, expiresAtMs }: Session, nowMs: number): number {
  return Math.ceil((Math.max(renewableUntilMs, expiresAtMs) - nowMs) / SECOND_MS);
}
