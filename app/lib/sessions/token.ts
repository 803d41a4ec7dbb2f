import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { StoredSession } from "./store";

/** What a cookie carries: the id names the session, the secret opens it. */
export type SessionToken = { id: string; secret: string };

/** A UUID v4 and 256 random bits (base64url, 43 characters), both from the system's CSPRNG (ASVS 5.0, 7.2.3). */
export function newToken(): SessionToken {
  return { id: randomUUID(), secret: newSecret() };
}

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256, 32 bytes. A fast hash is right for a secret of full entropy: there is no dictionary to try. */
export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Whether two hashes of secrets are the same; takes as long for any wrong one. */
export function isSameHash(presented: Buffer, hash: Buffer): boolean {
  return presented.length === hash.length && timingSafeEqual(presented, hash);
}

/**
 * What a secret that we signed is to its session: the `current` one; a `previous` one within its grace; or
 * `replaced`, one that was good once: we signed it, so we made it.
 * @param hash the secret's hash
 */
export function secretStatus(
  hash: Buffer,
  { secretHash, previous }: StoredSession,
  nowMs: number,
): "current" | "previous" | "replaced" {
  if (isSameHash(hash, secretHash)) return "current";
  const inGrace = previous.some((one) => nowMs < one.graceUntilMs && isSameHash(hash, one.secretHash));
  return inGrace ? "previous" : "replaced";
}
