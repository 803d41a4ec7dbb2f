import { type Clock, systemClock } from "../base/clock";
import { changesOf } from "../base/json";
import { iso, LOOK_UP, ms, scalar } from "../db/calls";
import type { CallArguments, CallOptions, Database, Row } from "../db/database";
import { checkData } from "./data-check";
import { keyOf } from "./key";
import type { HttpSession, HttpSessionStore } from "./store";

/** Rows a page or a bite. */
const BATCH = 1_000;

/** The last moment that both JavaScript and PostgreSQL write in the same way. */
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

type SqlOptions = { db: Database; clock?: Clock };

/** HTTP sessions in the database's functions, over whichever wire. One round trip a call, but for pages and bites. */
export function createSqlHttpSessionStore({ db, clock = systemClock }: SqlOptions): HttpSessionStore {
  const now = () => iso(clock());
  const ask = (name: string, args: CallArguments, options?: CallOptions) => scalar(db, name, args, options);

  const touch: HttpSessionStore["touch"] = (sid, expiresAtMs) => {
    const args = { p_key: keyOf(sid), p_expires_at: instant(expiresAtMs), p_now: now() };
    // On the way of a reader, too.
    return ask("touch_http_session", args, { timeoutMs: LOOK_UP.timeoutMs });
  };

  return {
    async get(sid) {
      const [row] = await db.call("find_http_session", { p_key: keyOf(sid) }, LOOK_UP);
      const session = row && toSession(row);
      return session && session.expiresAtMs > clock() ? session : undefined;
    },
    async set(sid, { data, expiresAtMs, base }) {
      checkData(data);
      const where = { p_key: keyOf(sid), p_expires_at: instant(expiresAtMs), p_now: now() };
      if (!base) return ask("set_http_session", { ...where, p_data: data });
      const { set, unset } = changesOf(base.data, data);
      const shortens = expiresAtMs < base.expiresAtMs;
      const isTouch = !shortens && unset.length === 0 && Object.keys(set).length === 0;
      if (isTouch) return touch(sid, expiresAtMs);
      return ask("merge_http_session", { ...where, p_set: set, p_unset: unset, p_shorten: shortens });
    },
    touch,
    destroy: (sid) => ask("end_http_session", { p_key: keyOf(sid), p_now: now() }),
    end: (key) => ask("end_http_session", { p_key: key, p_now: now() }),
    all: () => pages(db, now()),
    length: async () => Number(await ask("count_http_sessions", { p_now: now() }, { readOnly: true })),
    async clear() {
      let after: string | null = "";
      while (after !== null) after = await ask("clear_http_sessions", { p_after: after, p_batch: BATCH });
    },
    cleanup: async (batch) => Number(await ask("cleanup_http_sessions", { p_batch: batch })),
    async sweep(batch) {
      const [row] = await db.call("sweep_http_sessions", { p_batch: batch });
      return { outcome: row?.outcome, deleted: Number(row?.deleted) };
    },
  };
}

async function* pages(db: Database, now: string): AsyncGenerator<HttpSession & { key: string }> {
  let after = "";
  for (;;) {
    const args = { p_after: after, p_now: now, p_limit: BATCH };
    const rows = await db.call("list_http_sessions", args, { readOnly: true });
    for (const row of rows) yield { key: row.key, ...toSession(row) };
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.key;
  }
}

function toSession({ data, expires_at }: Row): HttpSession {
  return { data, expiresAtMs: ms(expires_at) };
}

/** A framework's cookie may name any moment. */
const instant = (atMs: number) => iso(Math.min(Math.max(atMs, 0), LATEST_MS));
