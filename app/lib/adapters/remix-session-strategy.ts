import { isDeepStrictEqual } from "node:util";
import { changesOf, type JsonObject, toJson } from "../base/json";
import type { DataChange } from "../sessions/data";
import type { SessionManager, SignIn } from "../sessions/manager";
import type { Session } from "../sessions/session";

// biome-ignore lint/suspicious/noExplicitAny: as Remix has it, whose data is whatever the app puts there
export type Data = Record<string, any>;

/** Remix 2's and React Router 7's `SessionIdStorageStrategy`, but for the cookie. */
export type AppSessionStrategy = {
  createData(data: Data): Promise<string>;
  readData(id: string): Promise<Data | null>;
  updateData(id: string, data: Data): Promise<void>;
  deleteData(id: string): Promise<void>;
};

export type Owner = Pick<SignIn, "clientId" | "user" | "device" | "policy">;

export type AppSessionStrategyOptions = {
  /** The engine. What it stands on (any database, Redis, a cache) serves here, too. */
  sessions: SessionManager;
  /** Whose session it is, by its data; undefined where they name nobody, which no session of the engine may. */
  whose(data: JsonObject): Owner | undefined;
  /** Keys whose last write wins. Of all others, a change that somebody else overtook is a SessionConflictError. */
  overwrite?: "all" | readonly string[];
};

/** A session's data name nobody, or somebody else than before. Nothing was saved. */
export class SessionOwnerError extends Error {
  override name = "SessionOwnerError";
}

/** A session that is not known, or over, was to be saved. Nothing was. */
export class SessionOverError extends Error {
  override name = "SessionOverError";
}

/** What goes along with a session's data, from where they are read to where they are saved. */
export type Carried = {
  id?: string;
  /** The session when it was read, or last saved: what differs from it has to be saved, and nothing else. */
  base?: Session;
  /** Whether it turned out to have ended meanwhile. */
  over?: boolean;
};

/** The key under which it goes along. It is nowhere but in this process: JSON leaves it out. */
export const CARRIED = "__libero_session__";

/**
 * The engine's sessions for Remix's `createSessionStorage`. An id is the Cookie header by which the engine knows the
 * session (its row's id, its secret, our signature), so that the table has nothing that opens it. How long a session
 * lasts, the engine's policy says; the `expires` that Remix passes is about the browser's cookie alone.
 *
 * Where Remix's interface leaves no other way (an id that is unknown, another user) it throws: `createAppSessionStorage`
 * does then what is meant.
 */
export function createAppSessionStrategy(options: AppSessionStrategyOptions): AppSessionStrategy {
  const { sessions } = options;
  return {
    async createData(given) {
      const { data, carried } = unpack(given);
      const { session, setCookie } = await sessions.start({ ...ownerOf(options, data), data }, carried.id);
      const id = setCookie.split(";")[0] as string;
      Object.assign(carried, { id, base: session });
      return id;
    },
    async readData(id) {
      const session = await sessions.read(id);
      if (!session) return null;
      const carried = { id, base: await sessions.refresh(session), toJSON: () => undefined };
      // The app may change them where they are: what was read stays, to be compared with, and may be a cache's.
      return { ...structuredClone(session.data), [CARRIED]: carried };
    },
    async updateData(id, given) {
      const { data, carried } = unpack(given);
      const base = carried.base ?? (await sessions.read(id));
      if (!base) throw new SessionOverError("this session is not known, or over: begin another one");
      if (belongsToAnother(options, data, base)) {
        throw new SessionOwnerError(
          "this session is somebody else's: begin another one for another user or role",
        );
      }
      const change = changeOf(base.data, data, options);
      const saved = change ? await sessions.saveData(base, change) : base;
      Object.assign(carried, saved ? { base: saved } : { over: true });
    },
    async deleteData(id) {
      await sessions.destroy(id);
    },
  };
}

/** Whether the data name another user, client or role than the session began with. @throws SessionOwnerError */
export function belongsToAnother(
  options: Pick<AppSessionStrategyOptions, "whose">,
  data: Data,
  { clientId, user }: Pick<Session, "clientId" | "user">,
): boolean {
  const owner = ownerOf(options, toJson(data));
  const now = [owner.clientId, owner.user.id, owner.user.role];
  return !isDeepStrictEqual(now, [clientId, user.id, user.role]);
}

function ownerOf({ whose }: Pick<AppSessionStrategyOptions, "whose">, data: JsonObject): Owner {
  const owner = whose(data);
  if (owner) return owner;
  throw new SessionOwnerError(
    "a session in the database is somebody's, and `whose` finds nobody in this one's data: save it once somebody has " +
      "signed in, destroy it to sign them out, and keep what comes before in a cookie session",
  );
}

function unpack({ [CARRIED]: carried = {}, ...data }: Data): { data: JsonObject; carried: Carried } {
  return { data: toJson(data), carried };
}

/** What has to be saved; undefined where nothing differs. */
function changeOf(
  base: JsonObject,
  data: JsonObject,
  { overwrite = [] }: AppSessionStrategyOptions,
): DataChange | undefined {
  const { set, unset } = changesOf(base, data);
  const changed = [...Object.keys(set), ...unset];
  if (changed.length === 0) return undefined;
  // Whoever reads a flashed value takes it: two that did have no conflict.
  const lastWins = (key: string) =>
    overwrite === "all" || overwrite.includes(key) || /^__flash_.*__$/.test(key);
  return { set, unset, overwrite: changed.filter(lastWins) };
}
