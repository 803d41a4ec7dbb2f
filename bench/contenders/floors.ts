import { createHmac, timingSafeEqual } from "node:crypto";
import pg from "pg";
import postgres from "postgres";
import { installClient, SECRET, seedSessions } from "../libero";
import { createDatabase } from "../servers";
import type { OpenContender } from "./contender";

export const HMAC = "bare HMAC check";
export const BY_POOL = "bare prepared select, pg pool of 10";
export const PIPELINED = "bare prepared select, postgres.js pipelined";

/** What no signed cookie can do without: the HMAC of one short value, compared in constant time. Nothing is looked up. */
export const bareHmac: OpenContender = async (_servers, sessionCount) => {
  const sign = (content: string) => createHmac("sha256", SECRET).update(content).digest("base64url");
  const sessions = Array.from({ length: sessionCount }, (_, index) => {
    const content = `user-${index}.${"x".repeat(70)}`;
    return { cookie: `${content}.${sign(content)}`, userId: `user-${index}` };
  });
  return {
    name: HMAC,
    kind: "floor",
    sessions,
    read(cookie) {
      const dot = cookie.lastIndexOf(".");
      const content = cookie.slice(0, dot);
      const isOurs = timingSafeEqual(Buffer.from(sign(content)), Buffer.from(cookie.slice(dot + 1)));
      return isOurs ? content.slice(0, content.indexOf(".")) : undefined;
    },
    close: async () => {},
  };
};

/** The least that a session in a table costs: its row, by primary key, prepared. No cookie, no hash, no check. */
const SELECT = "select * from public.app_sessions where id = $1";

/** By a pool of ten, as most apps have it. */
export const barePgSelect: OpenContender = async (servers, sessionCount) => {
  const database = await createDatabase(servers, "migrated");
  const sessions = await seedSessions(database, await installClient(database), sessionCount);
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  return {
    name: BY_POOL,
    kind: "floor",
    sessions: sessions.map(({ id, userId }) => ({ cookie: id, userId })),
    read: async (id) => (await pool.query({ name: "select", text: SELECT, values: [id] })).rows[0]?.user_id,
    async close() {
      await pool.end();
      await database.drop();
    },
  };
};

/** Pipelined on one connection, the fastest that a driver offers for single statements. */
export const barePipelinedSelect: OpenContender = async (servers, sessionCount) => {
  const database = await createDatabase(servers, "migrated");
  const sessions = await seedSessions(database, await installClient(database), sessionCount);
  const sql = postgres(database.url, { max: 1 });
  return {
    name: PIPELINED,
    kind: "floor",
    sessions: sessions.map(({ id, userId }) => ({ cookie: id, userId })),
    read: async (id) => (await sql`select * from public.app_sessions where id = ${id}`)[0]?.user_id,
    async close() {
      await sql.end();
      await database.drop();
    },
  };
};
