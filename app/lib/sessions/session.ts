import type { JsonObject } from "../base/json";

/** Who signed in. `id` is the platform's id of the person. */
export type SessionUser = { id: string; name: string; email: string | null; role: string | null };

/** How a session began: opened from the admin, by whoever pressed Install, or by a link that came by e-mail. */
export type SessionOrigin = "open" | "install" | "link";

/** A signed-in browser, as the app sees it at one moment. Safe to hand around and to log: it holds no secret. */
export type Session = {
  /** UUID v4. Names the session for as long as it lives; does not open it. */
  readonly id: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly user: SessionUser;
  readonly origin: SessionOrigin;
  /** The browser in a few words, like "Firefox on Windows"; null where it did not say. */
  readonly device: string | null;
  readonly data: JsonObject;
  /** Counts the changes of `data`. */
  readonly revision: number;
  readonly createdAtMs: number;
  /** The session ends at this moment, unless it is renewed before. */
  readonly expiresAtMs: number;
  /** No renewal moves `expiresAtMs` beyond this moment. */
  readonly renewableUntilMs: number;
  /** How far a renewal moves the end. */
  readonly maxAgeSeconds: number;
  /** The session ends when it was not used for so long; 0: never for that reason. */
  readonly idleTimeoutSeconds: number;
  readonly lastActivityAtMs: number;
};

/** What a list of sessions tells. */
export type SessionSummary = Pick<
  Session,
  "id" | "clientId" | "tenantId" | "origin" | "device" | "createdAtMs" | "expiresAtMs" | "lastActivityAtMs"
> & { user: Pick<SessionUser, "id" | "name"> };

/** Every way a session ends. */
export const END_REASONS = [
  /** Its person signed out in this browser. */
  "signed_out",
  /** Its person signed it out from another browser. */
  "revoked",
  /** An administrator of the client ended it. */
  "revoked_by_admin",
  /** The operator ended it. */
  "operator",
  /** The same browser signed in anew. */
  "replaced",
  /** Its person signed in once more than the client allows. */
  "limit",
  /** Its person signed in with other rights. */
  "rights_changed",
  /** A secret that had been replaced was presented again. */
  "replayed",
  /** The client uninstalled the app. */
  "uninstalled",
  /** It reached the end of its lifetime. */
  "expired",
  /** It was not used for too long. */
  "idle",
  /** Its row was deleted by hand. */
  "deleted",
] as const;

export type EndReason = (typeof END_REASONS)[number];

/** A line of the sessions' history. */
export type SessionEvent = {
  atMs: number;
  event: "started" | "rotated" | "ended";
  /** Why it ended; null for the other events. */
  reason: EndReason | null;
  sessionId: string;
  clientId: string;
  user: Pick<SessionUser, "id" | "name">;
  device: string | null;
};
