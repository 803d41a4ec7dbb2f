import { randomUUID } from "node:crypto";
import { createCookie, createSessionStorage, type SessionIdStorageStrategy } from "@remix-run/node";
import { createClient } from "@supabase/supabase-js";
import type pg from "pg";
import ws from "ws";
import { cookieHeader, pairOf } from "../browser";
import { type BenchDatabase, openPostgrest } from "../servers";
import type { Contender, OpenContender } from "./contender";
import { LIFETIME_SECONDS, onDatabase, openPool, type Person, peopleOf } from "./people";
import { REMIX_COOKIE_OPTIONS } from "./remix-cookie";

export const TABLE_BY_SUPABASE = "Remix, select and update over supabase-js";

/** What keeps the sessions, without the cookie in front. */
type Table = Omit<SessionIdStorageStrategy<Person>, "cookie">;

const DEFINITION = `create table public.remix_sessions (
  id uuid primary key,
  data jsonb not null,
  expires_at timestamptz not null,
  last_activity_at timestamptz not null default now()
)`;

/**
 * The pattern that one writes first: Remix checks the signed id, the row is selected, and its last use is written, each time
 * and one after the other. Both statements are prepared, on ten connections.
 */
export const remixByPg: OpenContender = (servers, sessionCount) =>
  onDatabase(servers, async (database) => {
    const sessions = await seed(database, sessionCount);
    const pool = openPool(database.url);
    const name = "Remix, select and update by pg";
    return contender({ name, sessions, table: tableByPg(pool), close: () => pool.end() });
  });

/** The same over HTTP to PostgREST, as a project on Supabase does it: two requests. */
export const remixBySupabase: OpenContender = (servers, sessionCount) =>
  onDatabase(servers, async (database) => {
    const sessions = await seed(database, sessionCount);
    // After the table: PostgREST reads what there is when it starts. Its role may use the table as Supabase grants it.
    const postgrest = await openPostgrest(database.url);
    const table = tableBySupabase(postgrest.url, postgrest.key("service_role"));
    return contender({ name: TABLE_BY_SUPABASE, sessions, table, close: postgrest.stop });
  });

type Given = {
  name: string;
  sessions: Contender["sessions"];
  table: Table;
  close(): Promise<void>;
};

function contender({ name, sessions, table, close }: Given): Contender {
  const storage = createSessionStorage<Person>({ cookie: REMIX_COOKIE_OPTIONS, ...table });
  return {
    name,
    kind: "peer",
    sessions,
    read: async (cookie) => (await storage.getSession(cookie)).get("userId"),
    close,
  };
}

function tableByPg(pool: pg.Pool): Table {
  const run = async (name: string, text: string, ...values: unknown[]) =>
    (await pool.query({ name, text, values })).rows[0];
  return {
    async readData(id) {
      const find = "select * from public.remix_sessions where id = $1 and expires_at > now()";
      const row = await run("find", find, id);
      if (!row) return null;
      await run("use", "update public.remix_sessions set last_activity_at = now() where id = $1", id);
      return row.data;
    },
    async createData(data, expires = inEightHours()) {
      const add = "insert into public.remix_sessions (id, data, expires_at) values ($1, $2, $3)";
      const id = randomUUID();
      await run("add", add, id, data, expires);
      return id;
    },
    async updateData(id, data, expires = inEightHours()) {
      const save = "update public.remix_sessions set data = $2, expires_at = $3 where id = $1";
      await run("save", save, id, data, expires);
    },
    async deleteData(id) {
      await run("end", "delete from public.remix_sessions where id = $1", id);
    },
  };
}

function tableBySupabase(url: string, key: string): Table {
  const client = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket of its own, and the client asks for one when it is made.
    realtime: { transport: ws as never },
  });
  const table = () => client.from("remix_sessions");
  const orThrow = ({ error }: { error: Error | null }) => {
    if (error) throw error;
  };
  return {
    async readData(id) {
      const { data: row } = await table().select().eq("id", id).single();
      if (!row || Date.parse(row.expires_at) <= Date.now()) return null;
      orThrow(await table().update({ last_activity_at: new Date().toISOString() }).eq("id", id));
      return row.data;
    },
    async createData(data, expires = inEightHours()) {
      const id = randomUUID();
      orThrow(await table().insert({ id, data, expires_at: expires.toISOString() }));
      return id;
    },
    async updateData(id, data, expires = inEightHours()) {
      orThrow(await table().update({ data, expires_at: expires.toISOString() }).eq("id", id));
    },
    async deleteData(id) {
      orThrow(await table().delete().eq("id", id));
    },
  };
}

async function seed({ sql }: BenchDatabase, count: number): Promise<Contender["sessions"]> {
  await sql.query(DEFINITION);
  const made = peopleOf(count).map((person) => ({ id: randomUUID(), person }));
  await sql.query(
    `insert into public.remix_sessions (id, data, expires_at)
     select s.id, s.data, $1 from unnest($2::uuid[], $3::jsonb[]) as s (id, data)`,
    [inEightHours(), made.map(({ id }) => id), made.map(({ person }) => JSON.stringify(person))],
  );
  await sql.query("vacuum analyze public.remix_sessions");
  const cookie = createCookie(REMIX_COOKIE_OPTIONS.name, REMIX_COOKIE_OPTIONS);
  return Promise.all(
    made.map(async ({ id, person: { userId } }) => ({
      cookie: cookieHeader(pairOf(await cookie.serialize(id))),
      userId,
    })),
  );
}

const inEightHours = () => new Date(Date.now() + LIFETIME_SECONDS * 1_000);
