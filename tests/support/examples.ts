import { randomUUID } from "node:crypto";
import { HOUR_MS, HOUR_SECONDS } from "../../app/lib/base/durations";
import type { Installation } from "../../app/lib/clients/client-store";
import type { NewSession } from "../../app/lib/sessions/store";
import { hashSecret, newToken } from "../../app/lib/sessions/token";

/** A moment for tests, on a whole millisecond; the real time, because a database's clock cannot be moved. */
export const NOW = Date.now();
export const HOUR = HOUR_MS;

export function aClient(tenantId: string, changes: Partial<Installation> = {}): Installation {
  return { tenantId, installSettings: {}, contactEmail: null, ...changes };
}

/** A session of eight hours that began now, with a token of its own. */
export function aSession(clientId: string, changes: Partial<NewSession> = {}): NewSession {
  const { id, secret } = newToken();
  return {
    id,
    secretHash: hashSecret(secret),
    clientId,
    user: { id: randomUUID(), name: "Jason Andres", email: "jason@example.com", role: "Admin Owner" },
    origin: "open",
    device: "Firefox on Windows",
    data: {},
    createdAtMs: NOW,
    expiresAtMs: NOW + 8 * HOUR,
    renewableUntilMs: changes.expiresAtMs ?? NOW + 8 * HOUR,
    maxAgeSeconds: 8 * HOUR_SECONDS,
    idleTimeoutSeconds: 0,
    isRoleKnown: true,
    replaces: [],
    ticket: undefined,
    limit: { max: 0, atMax: "end-oldest" },
    ...changes,
  };
}
