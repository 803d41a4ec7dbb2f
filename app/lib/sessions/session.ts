import type { JsonObject } from "../base/json";

/** Who signed in. `id` is the platform's id of the person. */
export type SessionUser = { id: string; name: string; email: string | null; role: string | null };

/** A signed-in browser, as the app sees it. Safe to hand around and to log: it holds no secret. */
export type Session = {
  /** UUID v4. Names the session; does not open it. */
  readonly id: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly user: SessionUser;
  readonly data: JsonObject;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly lastActivityAtMs: number;
};

/** What a list of sessions tells. */
export type SessionSummary = Pick<Session, "id" | "createdAtMs" | "expiresAtMs" | "lastActivityAtMs"> & {
  user: Pick<SessionUser, "id" | "name">;
};
