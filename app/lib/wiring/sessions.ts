import { createCookieStorage } from "../adapters/cookie-session-storage";
import { takesSecureCookies } from "../env/cookie";
import type { Env } from "../env.server";
import { createSessionEngine, type SessionEngineOptions } from "../sessions/engine";

type EngineRooms = Pick<SessionEngineOptions, "store" | "logger" | "clock">;

export function openEngine(env: Env, rooms: EngineRooms) {
  return createSessionEngine({
    ...rooms,
    secrets: env.sessionSecrets,
    encryptionSecrets: env.sessionEncryptionSecrets,
    cookie: { ...env.sessionCookie, ...sessionCookieSecurity(env) },
    policy: env.sessionPolicy,
    rotationGraceSeconds: env.sessionRotationGraceSeconds,
    dataMaxBytes: env.sessionDataMaxBytes,
    // Every session in memory has its cookie there, too.
    maxVerifiedCookies: env.sessionCache.maxEntries || undefined,
  });
}

/**
 * Inside the admin's iframe the app is a third party: only `SameSite=None; Secure` is sent there, and `Partitioned`
 * keeps it where third-party cookies are blocked (CHIPS).
 */
function sessionCookieSecurity({ appUrl, sessionCookie }: Env) {
  const secure = takesSecureCookies(appUrl);
  const sameSite = sessionCookie.sameSite === "auto" ? (secure ? "none" : "lax") : sessionCookie.sameSite;
  return { sameSite, secure, partitioned: secure && sameSite === "none" } as const;
}

/** Sessions in the browser's cookie alone, with trigger.dev's settings. */
export function openCookieSessions(env: Env) {
  const { mode, appUrl, cookieSessionName, sessionSecrets, sessionEncryptionSecrets } = env;
  return createCookieStorage({
    name: cookieSessionName,
    secrets: sessionSecrets,
    encryptionSecrets: sessionEncryptionSecrets,
    // A name that asks for Secure (__Host-) is taken from https alone, in development too.
    secure: mode === "production" || appUrl.protocol === "https:",
  });
}
