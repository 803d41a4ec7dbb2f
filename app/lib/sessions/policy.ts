import { HOUR_SECONDS, SECOND_MS } from "../base/durations";
import type { Session } from "./session";

/** What happens when somebody signs in who has as many sessions as they may. */
export type AtSessionLimit = "end-oldest" | "refuse-new";

/** How long sessions last and how many there may be. A session keeps the policy that it began with. */
export type SessionPolicy = {
  /** Lifetime of a session, and how far a renewal moves its end. */
  maxAgeSeconds: number;
  /** A session that was not used for so long ends; 0: never for that reason. */
  idleTimeoutSeconds: number;
  /** With use a session is renewed, up to this age; 0: never renewed. */
  renewalLimitSeconds: number;
  /** How many sessions one user may have at a client; 0: any number. */
  maxSessionsPerUser: number;
  atSessionLimit: AtSessionLimit;
};

/** Eight hours, two of them without use; no renewal, any number of sessions. */
export const DEFAULT_POLICY: SessionPolicy = {
  maxAgeSeconds: 8 * HOUR_SECONDS,
  idleTimeoutSeconds: 2 * HOUR_SECONDS,
  renewalLimitSeconds: 0,
  maxSessionsPerUser: 0,
  atSessionLimit: "end-oldest",
};

type Times = Pick<
  Session,
  "expiresAtMs" | "renewableUntilMs" | "maxAgeSeconds" | "idleTimeoutSeconds" | "lastActivityAtMs"
>;

/** The moments of a session that begins now (NIST SP 800-63B-4, 5.2: an overall and an inactivity time-out). */
export function timesOf(policy: SessionPolicy, nowMs: number) {
  const { maxAgeSeconds, idleTimeoutSeconds, renewalLimitSeconds } = policy;
  return {
    createdAtMs: nowMs,
    expiresAtMs: nowMs + maxAgeSeconds * SECOND_MS,
    renewableUntilMs: nowMs + Math.max(maxAgeSeconds, renewalLimitSeconds) * SECOND_MS,
    maxAgeSeconds,
    idleTimeoutSeconds,
  };
}

/** Which clock has run out, if any. The moment it runs out the session is over. */
export function overBecause(session: Times, nowMs: number): "expired" | "idle" | undefined {
  if (nowMs >= session.expiresAtMs) return "expired";
  const idleEndMs = session.lastActivityAtMs + session.idleTimeoutSeconds * SECOND_MS;
  return session.idleTimeoutSeconds > 0 && nowMs >= idleEndMs ? "idle" : undefined;
}

/** Whether both clocks still run. */
export function isLive(session: Times, nowMs: number): boolean {
  return overBecause(session, nowMs) === undefined;
}

/**
 * The end that a use at this moment earns: once half of the lifetime is over, a whole one from now, within what
 * renewal may reach. Undefined where there is nothing to renew.
 */
export function renewedEndMs(session: Times, nowMs: number): number | undefined {
  const lifetimeMs = session.maxAgeSeconds * SECOND_MS;
  const renewedMs = Math.min(nowMs + lifetimeMs, session.renewableUntilMs);
  const due = session.expiresAtMs - nowMs <= lifetimeMs / 2;
  return due && renewedMs > session.expiresAtMs ? renewedMs : undefined;
}

/** Settings of a policy that somebody chose; null and undefined leave the choice to the default. */
export type ChosenPolicy = { [Setting in keyof SessionPolicy]?: SessionPolicy[Setting] | null };

/** The policy, with what was chosen in place of its own. */
export function withChosen(policy: SessionPolicy, chosen: ChosenPolicy = {}): SessionPolicy {
  const made = Object.entries(chosen).filter(([, value]) => value !== null && value !== undefined);
  return { ...policy, ...Object.fromEntries(made) };
}
