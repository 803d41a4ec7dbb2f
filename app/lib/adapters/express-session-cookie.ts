import { isDeepStrictEqual } from "node:util";
import type { SessionData } from "express-session";
import { MINUTE_MS } from "../base/durations";
import type { JsonObject } from "../base/json";
import type { HttpSession } from "../http-sessions/store";

/**
 * `cookie.maxAge = …` looks at the clock twice (express-session's `session/cookie.js`), so `originalMaxAge` loses the
 * milliseconds between, request by request.
 */
const DRIFT_MS = 100;
/** Instances' clocks differ by less. */
const SKEW_MS = MINUTE_MS;

/** When the cookie says that the session is over, in milliseconds since the epoch; undefined where it does not. */
export function expiryOf({ cookie }: JsonObject): number | undefined {
  const { expires } = { ...(cookie as JsonObject | undefined) };
  const isMoment = expires && (typeof expires === "string" || typeof expires === "number");
  const expiresAtMs = isMoment ? new Date(expires).getTime() : Number.NaN;
  return Number.isNaN(expiresAtMs) ? undefined : expiresAtMs;
}

/** The session for express-session, as an object of its own; in its cookie stands the end to which it has rolled. */
export function withExpiry({ data, expiresAtMs }: HttpSession): SessionData {
  const session = structuredClone(data);
  const savedAtMs = expiryOf(session);
  if (savedAtMs === undefined || savedAtMs === expiresAtMs) return session as unknown as SessionData;
  session.cookie = { ...(session.cookie as JsonObject), expires: new Date(expiresAtMs).toISOString() };
  return session as unknown as SessionData;
}

/** Whether the cookie is the one that was read, but for the time that has passed. */
export function hasOnlyRolled(now: HttpSession, base: HttpSession): boolean {
  const [cookie, before] = [timeless(now.data), timeless(base.data)];
  const { originalMaxAge } = cookie;
  if (typeof originalMaxAge === "number" && typeof before.originalMaxAge === "number") {
    const drift = Math.abs(originalMaxAge - before.originalMaxAge);
    if (drift < DRIFT_MS) cookie.originalMaxAge = before.originalMaxAge;
  }
  return now.expiresAtMs > base.expiresAtMs - SKEW_MS && isDeepStrictEqual(cookie, before);
}

/** The session to save: a cookie that only rolled stays as it was, because saving it would undo another request's change. */
export function withSteadyCookie(now: HttpSession, base: HttpSession | undefined): HttpSession {
  if (!base?.data.cookie || !hasOnlyRolled(now, base)) return now;
  const expiresAtMs = Math.max(now.expiresAtMs, base.expiresAtMs);
  return { data: { ...now.data, cookie: base.data.cookie }, expiresAtMs };
}

function timeless(data: JsonObject): JsonObject {
  return { ...(data.cookie as JsonObject | undefined), expires: expiryOf(data) !== undefined };
}
