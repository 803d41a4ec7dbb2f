import type { Session } from "./session";

/** Whether the session is still within its lifetime. The moment it expires it is over. */
export function isLive(session: Pick<Session, "expiresAtMs">, nowMs: number): boolean {
  return nowMs < session.expiresAtMs;
}
