import { randomUUID } from "node:crypto";
import type { Logger } from "../../../app/lib/base/logger";
import { createMemoryStores } from "../../../app/lib/session-stores/memory";
import type { ActivityRecorder } from "../../../app/lib/sessions/activity";
import { createCachedStore } from "../../../app/lib/sessions/cached-store";
import type { InvalidationChannel, Notice } from "../../../app/lib/sessions/channel";
import {
  type CookieHeader,
  createSessionCookie,
  type SessionCookieOptions,
} from "../../../app/lib/sessions/cookie";
import {
  createSessionManager,
  type SessionManagerOptions,
  type SignIn,
} from "../../../app/lib/sessions/manager";
import type { SessionPolicy } from "../../../app/lib/sessions/policy";
import type { Session, SessionUser } from "../../../app/lib/sessions/session";
import type { StoredSession } from "../../../app/lib/sessions/store";
import { hashSecret, newToken } from "../../../app/lib/sessions/token";
import { aClient } from "../../support/examples";

export const NAME = "__libero_session";
export const SECRET = "first-signing-key-of-thirty-two-or-more";
export const ENCRYPTION_SECRET = "first-encryption-key-of-thirty-two-or-more";
export const EIGHT_HOURS = 8 * 60 * 60;
export const START = 1_800_000_000_000;

/** The cookie as it is where browsers reach the app over https; `read` opens all values of a header. */
export function aCookie(changes: Partial<SessionCookieOptions> = {}) {
  const cookie = createSessionCookie({
    name: NAME,
    secrets: [SECRET],
    attributes: { sameSite: "none", secure: true, partitioned: true },
    ...changes,
  });
  const read = (header: CookieHeader) => cookie.values(header).flatMap((value) => cookie.open(value) ?? []);
  return { ...cookie, read };
}

/** The Cookie header that a browser makes of a Set-Cookie value. */
export const sentBack = (setCookie: string) => setCookie.split(";")[0] as string;

export const jason: SessionUser = {
  id: "12211212-2706-4e36-bcf5-57a9248edcdf",
  name: "Jason Andres",
  email: "jason@example.com",
  role: "Admin Owner",
};

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { lines: { level: string; fields: object; message: string }[] } {
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  } as never;
}

/** Eight hours, whatever happens. */
export const POLICY: SessionPolicy = {
  maxAgeSeconds: EIGHT_HOURS,
  idleTimeoutSeconds: 0,
  renewalLimitSeconds: 0,
  maxSessionsPerUser: 0,
  atSessionLimit: "end-oldest",
};

/** A channel that is alive, and tells what a test lets it tell. */
export function aChannel() {
  const receivers: ((notice: Notice) => void)[] = [];
  const state: { epoch: number | undefined } = { epoch: 1 };
  const channel: InvalidationChannel = {
    epoch: () => state.epoch,
    sinceMs: () => START,
    subscribe: (receive) => void receivers.push(receive),
    start() {},
    stop: async () => {},
  };
  return {
    ...channel,
    state,
    tell(notice: Notice) {
      for (const receive of receivers) receive(notice);
    },
  };
}

/** A promise that a test keeps or breaks when it wants to. */
export function held<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((keep, fail) => {
    resolve = keep;
    reject = fail;
  });
  return { promise, resolve, reject };
}

/** What a store answers about a session that began at START and lives for eight hours. */
export function aStored(changes: Partial<Session> = {}): StoredSession {
  const { id, secret } = newToken();
  const expiresAtMs = START + EIGHT_HOURS * 1_000;
  return {
    session: {
      id,
      clientId: "client",
      tenantId: "old-oak",
      user: jason,
      origin: "open",
      device: null,
      data: {},
      revision: 0,
      createdAtMs: START,
      expiresAtMs,
      renewableUntilMs: expiresAtMs,
      maxAgeSeconds: EIGHT_HOURS,
      idleTimeoutSeconds: 0,
      lastActivityAtMs: START,
      ...changes,
    },
    secretHash: hashSecret(secret),
    previous: [],
  };
}

export type Engine = Awaited<ReturnType<typeof openEngine>>;

type EngineOptions = Pick<SessionManagerOptions, "rotationGraceSeconds" | "dataMaxBytes"> & {
  policy?: Partial<SessionPolicy>;
  /** Reads sessions from memory while `channel` is alive. */
  cached?: boolean;
  /** Encrypts the cookie. */
  encryptionSecrets?: readonly string[];
};

/** The engine over the memory store, at a time that a test moves. */
export async function openEngine(given: EngineOptions = {}) {
  const { policy, cached = false, encryptionSecrets, ...options } = given;
  const time = { nowMs: START };
  const clock = () => time.nowMs;
  const { clients, sessions: store } = createMemoryStores(clock);
  const channel = aChannel();
  const front = cached
    ? createCachedStore({ store, channel, maxEntries: 100, maxBytes: 1_000_000, clock, monotonic: clock })
    : store;
  const noted: [sessionId: string, atMs: number][] = [];
  const activity: ActivityRecorder = {
    note: (sessionId, atMs) => void noted.push([sessionId, atMs]),
    notedAt: (sessionId) => noted.findLast(([id]) => id === sessionId)?.[1] ?? 0,
    flush: async () => {},
  };
  const cookie = aCookie({ encryptionSecrets });
  const logger = recordingLogger();
  const parts = { cookie, activity, logger, clock, policy: { ...POLICY, ...policy }, ...options };
  const manager = createSessionManager({ ...parts, store: front });
  const client = await clients.install(aClient(`winery-${randomUUID().slice(0, 8)}`));
  return {
    time,
    clients,
    /** Where the truth is. */
    store,
    channel,
    cookie,
    logger,
    manager,
    /** Another instance of the app, whose notices come when a test sends them. */
    elsewhere: createSessionManager({ ...parts, store }),
    client,
    noted,
    /** Signs Jason in, and answers what his browser sends from now on. */
    async signIn(cookieHeader?: string | null, changes: Partial<SignIn> = {}) {
      const signIn = { clientId: client.id, user: jason, ...changes };
      const { session, setCookie } = await manager.start(signIn, cookieHeader);
      return { session, setCookie, header: sentBack(setCookie) };
    },
    /** How a session ended, as its history tells. */
    async endOf(sessionId: string) {
      const [last] = await store.events({ sessionId }, 1);
      return last?.event === "ended" ? last.reason : undefined;
    },
  };
}
