import {
  type AppSessionStrategy,
  type AppSessionStrategyOptions,
  belongsToAnother,
  CARRIED,
  type Carried,
  createAppSessionStrategy,
  type Data,
} from "./remix-session-strategy";

type SessionLike = {
  readonly id: string;
  readonly data: Data;
  get(name: string): unknown;
  unset(name: string): void;
};

/** Remix 2's and React Router 7's `SessionStorage`, as far as it is needed here. */
type SessionStorageLike<Session> = {
  getSession(cookieHeader?: string | null, options?: object): Promise<Session>;
  commitSession(session: Session, options?: object): Promise<string>;
  destroySession(session: Session, options?: object): Promise<string>;
};

type AppSessionStorageOptions<Cookie> = AppSessionStrategyOptions & {
  /** The cookie, as `createSessionStorage` takes it. */
  cookie?: Cookie;
};

/**
 * `getSession`, `commitSession` and `destroySession` on the engine's sessions, by the framework's own code. Beyond that, and
 * beyond what `createAppSessionStrategy` gives:
 * - An id that is unknown, or over, is adopted by nobody: the session that is read has none, and gets one when it is saved.
 * - Another user, or another role, begins another session, and ends the one before (session fixation).
 * - A commit that comes after the session's end brings nothing back: it answers the `Set-Cookie` that takes the cookie away.
 * @param createSessionStorage Remix 2's or React Router 7's
 */
export function createAppSessionStorage<
  Session extends SessionLike,
  Storage extends SessionStorageLike<Session>,
  Cookie,
>(
  createSessionStorage: (
    strategy: AppSessionStrategy & { cookie?: Cookie },
  ) => Storage & SessionStorageLike<Session>,
  { cookie, ...options }: AppSessionStorageOptions<Cookie>,
): Storage {
  const strategy = createAppSessionStrategy(options);
  const inner = createSessionStorage({ ...strategy, ...(cookie !== undefined && { cookie }) });
  const known = new WeakMap<Session, Carried>();
  /** All that a framework asks of a session that it saves or destroys. */
  const packed = (id: string, data: Data) => ({ id, data }) as unknown as Session;

  const storage: SessionStorageLike<Session> = {
    async getSession(cookieHeader, given) {
      const session = await inner.getSession(cookieHeader, given);
      const carried = session.get(CARRIED) as Carried | undefined;
      if (!carried) return session.id ? inner.getSession(null, given) : session;
      session.unset(CARRIED);
      known.set(session, carried);
      return session;
    },
    async commitSession(session, given) {
      const carried = known.get(session) ?? {};
      const { id, base } = carried;
      const begins = !base || belongsToAnother(options, session.data, base);
      const saved = packed(begins ? "" : (id ?? ""), { ...session.data, [CARRIED]: carried });
      const setCookie = await inner.commitSession(saved, given);
      known.set(session, carried);
      return carried.over ? inner.destroySession(saved, given) : setCookie;
    },
    destroySession: (session, given) =>
      inner.destroySession(packed(known.get(session)?.id ?? session.id, {}), given),
  };
  return storage as Storage;
}
