import type { Session } from "@remix-run/node";

export const SECRET = "first-signing-key-of-thirty-two-or-more";
export const NEXT_SECRET = "second-signing-key-of-thirty-two-or-more";
export const KEY = "first-encryption-key-of-thirty-two-or-more";
export const NEXT_KEY = "second-encryption-key-of-thirty-two-or-more";

/** The Cookie header that a browser makes of a Set-Cookie value. */
export const sentBack = (setCookie: string) => setCookie.split(";")[0] as string;

export function fill(session: Session, data: Record<string, unknown>): Session {
  for (const [key, value] of Object.entries(data)) session.set(key, value);
  return session;
}
