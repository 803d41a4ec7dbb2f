import { readSession } from "../../libero";
import {
  clientIdOf,
  cookieOf,
  SESSIONS_PER_USER,
  sessionId,
  userId,
  usersAmong,
} from "../../sql/numbered-sessions";
import type { Grown } from "./grown";

/** Something that an app does with sessions, timed. */
export type Operation = {
  name: string;
  warmUp: number;
  perRound: { quick: number; full: number };
  /** Makes the `turn`th call ready. @returns the call, which answers whether its result is right */
  prepare(grown: Grown, turn: number): () => Promise<boolean>;
};

const USER = (id: string) => ({ id, name: "Jason Andres", email: null, role: "Admin Owner" });

/** Shares no factor with any number of users here, so that its multiples reach each of them once. */
const STRIDE = 7_368_787;

/** Every fourth user signs in, every fourth has all sessions ended, and whoever looks up is one of the others. */
function pickUser(grown: Grown, turn: number, kind: 0 | 1 | 2): number {
  const ofKind = usersAmong(grown.rows) / 4;
  return 4 * ((turn * STRIDE) % ofKind) + kind;
}

/** Whoever looks up, and a session of theirs, by number. */
function pickSession(grown: Grown, turn: number) {
  const user = pickUser(grown, turn, 0);
  return { user, session: user + (turn % SESSIONS_PER_USER) * usersAmong(grown.rows) };
}

export const lookUp: Operation = {
  name: "look-up",
  warmUp: 1_500,
  perRound: { quick: 1_500, full: 4_000 },
  prepare(grown, turn) {
    const { user, session } = pickSession(grown, turn);
    const id = sessionId(session);
    return async () => (await grown.libero.store.find(id))?.session.user.id === userId(user);
  },
};

export const request: Operation = {
  name: "a request's session, by its cookie",
  warmUp: 1_500,
  perRound: { quick: 500, full: 1_000 },
  prepare(grown, turn) {
    const { user, session } = pickSession(grown, turn);
    const cookie = cookieOf(session);
    return async () => (await readSession(grown.libero, cookie)) === userId(user);
  },
};

export const signIn: Operation = {
  name: "sign-in",
  warmUp: 40,
  perRound: { quick: 60, full: 30 },
  prepare(grown, turn) {
    const user = pickUser(grown, turn, 1);
    const given = { clientId: clientIdOf(user), user: USER(userId(user)), device: "Firefox on Windows" };
    return async () => {
      const { session } = await grown.libero.sessions.start({ ...given, data: { theme: "light" } });
      return session.user.id === userId(user);
    };
  },
};

export const listOfUser: Operation = {
  name: "list one user's open sessions",
  warmUp: 200,
  perRound: { quick: 60, full: 100 },
  prepare(grown, turn) {
    const user = pickUser(grown, turn, 0);
    const of = { clientId: clientIdOf(user), userId: userId(user) };
    const all = Array.from({ length: SESSIONS_PER_USER }, (_, k) =>
      sessionId(user + k * usersAmong(grown.rows)),
    );
    return async () => {
      const listed = await grown.libero.store.listOpen(of, Date.now(), 100);
      return listed.length === all.length && listed.every(({ id }) => all.includes(id));
    };
  },
};

export const endAll: Operation = {
  name: "end all sessions of a user",
  warmUp: 40,
  perRound: { quick: 60, full: 30 },
  prepare(grown, turn) {
    const user = pickUser(grown, turn, 2);
    const scope = { clientId: clientIdOf(user), userId: userId(user) };
    return async () => (await grown.libero.store.endAll(scope, "revoked")) === SESSIONS_PER_USER;
  },
};
