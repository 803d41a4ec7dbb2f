import type { Notice } from "../sessions/channel";
import { isLive } from "../sessions/policy";
import type { Session } from "../sessions/session";
import type { StoredSession } from "../sessions/store";
import { nameOf, type Scope } from "./redis-stamps";

/** What Redis remembers of one kind of session, and how. */
export interface RedisKind<T> {
  /** The format of an entry, which its key names: a version that writes another one reads none of these. */
  readonly format: string;
  write(stored: T, stamp: number): string;
  parse(id: string, value: string): Entry<T>;
  idOf(stored: T): string;
  /** The names of all scopes that a session belongs to. */
  scopesOf(stored: T): string[];
  /** What of this kind a notice is about; undefined where nothing is. */
  meantBy(notice: Notice): Meant | undefined;
  isLive(stored: T, nowMs: number): boolean;
  expiresAtMs(stored: T): number;
}

/** A session as Redis keeps it: with the stamp that was the newest before it was read (`redis-stamps.ts`). */
export type Entry<T = StoredSession> = { stored: T; stamp: number };

export type Meant = { ids: readonly string[]; scope?: undefined } | { scope: Scope; ids?: undefined };

/** The app's own sessions. */
export const APP_SESSIONS: RedisKind<StoredSession> = {
  format: "session-2",
  write,
  parse,
  idOf: ({ session }) => session.id,
  scopesOf({ session: { clientId, tenantId, user } }) {
    return ["all" as const, { tenantId }, { clientId }, { clientId, userId: user.id }].map(nameOf);
  },
  meantBy(notice) {
    if (notice === "all") return { scope: notice };
    if ("httpSessions" in notice) return undefined;
    return "sessionIds" in notice ? { ids: notice.sessionIds } : { scope: notice };
  },
  isLive: ({ session }, nowMs) => isLive(session, nowMs),
  expiresAtMs: ({ session }) => session.expiresAtMs,
};

type Kept = Omit<Session, "id"> & {
  stamp: number;
  hash: string;
  previous: { hash: string; untilMs: number }[];
};

/** Hashes of secrets as in the database, and never a secret. */
function write({ session, secretHash, previous }: StoredSession, stamp: number): string {
  const { id: _, ...rest } = session;
  const kept: Kept = {
    ...rest,
    stamp,
    hash: secretHash.toString("base64"),
    previous: previous.map(({ secretHash: hash, graceUntilMs }) => ({
      hash: hash.toString("base64"),
      untilMs: graceUntilMs,
    })),
  };
  return JSON.stringify(kept);
}

function parse(id: string, value: string): Entry {
  const { stamp, hash, previous, ...session } = JSON.parse(value) as Kept;
  const stored = {
    session: { id, ...session },
    secretHash: Buffer.from(hash, "base64"),
    previous: previous.map(({ hash: previousHash, untilMs }) => ({
      secretHash: Buffer.from(previousHash, "base64"),
      graceUntilMs: untilMs,
    })),
  };
  return { stamp, stored };
}
