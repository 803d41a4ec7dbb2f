import type { Json, JsonObject } from "../base/json";
import type { Session } from "./session";

/** Changes of a session's data: of the keys named here, and no other. */
export type DataChange = {
  set?: JsonObject;
  unset?: string[];
  /** Keys whose last write wins; for all others a write that somebody else overtook is a conflict. */
  overwrite?: string[];
};

/** A session's data while one request works with it. Nothing is saved before the change is. */
export interface SessionData {
  has(key: string): boolean;
  /** The value; of a flashed one only once, and never again after the change is saved. */
  get(key: string): Json | undefined;
  /** @param options.overwrite the last write of this key wins, instead of a conflict */
  set(key: string, value: Json, options?: { overwrite?: boolean }): void;
  unset(key: string, options?: { overwrite?: boolean }): void;
  /** Keeps a value for the request that reads it first. */
  flash(key: string, value: Json): void;
  /** What has to be saved; undefined where nothing changed. */
  change(): DataChange | undefined;
}

/** Begins to work with a session's data. */
export function openData({ data }: Pick<Session, "data">): SessionData {
  const changed = new Map<string, { value: Json | undefined; overwrite: boolean }>();
  const present = (key: string) =>
    changed.has(key) ? changed.get(key)?.value : Object.hasOwn(data, key) ? data[key] : undefined;
  const put = (key: string, value: Json | undefined, overwrite = false) =>
    void changed.set(key, { value, overwrite });

  return {
    has: (key) => present(key) !== undefined || present(flashed(key)) !== undefined,
    get(key) {
      const flash = present(flashed(key));
      if (flash === undefined) return present(key);
      put(flashed(key), undefined, true);
      return flash;
    },
    set: (key, value, options) => put(key, value, options?.overwrite),
    unset: (key, options) => put(key, undefined, options?.overwrite),
    flash: (key, value) => put(flashed(key), value, true),
    change() {
      if (changed.size === 0) return undefined;
      const entries = [...changed];
      const keysWhere = (matches: (entry: { value: Json | undefined; overwrite: boolean }) => boolean) =>
        entries.filter(([, entry]) => matches(entry)).map(([key]) => key);
      return {
        set: Object.fromEntries(
          entries.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])),
        ),
        unset: keysWhere(({ value }) => value === undefined),
        overwrite: keysWhere(({ overwrite }) => overwrite),
      };
    },
  };
}

/** As Remix names it, so that a reader of the table knows it. */
const flashed = (key: string) => `__flash_${key}__`;
