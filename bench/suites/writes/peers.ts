import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import connectPgSimple from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import session, { type SessionData } from "express-session";
import pg from "pg";
import { createClient } from "redis";
import { createDatabase, type Servers } from "../../servers";
import { updatesOf } from "../../sql/measures";
import { drive, shuffled } from "./drive";
import { CONCURRENCY, type Writer } from "./writer";

const HOURS_MS = 3_600_000;

/** As long as express-session's own. */
const newSid = () => randomBytes(24).toString("base64url");

/** What express-session hands a store, of a session that ends in so many hours. */
function sessionData(index: number, hours: number): SessionData {
  const id = `user-${index}`;
  const cookie = {
    originalMaxAge: 8 * HOURS_MS,
    expires: new Date(Date.now() + hours * HOURS_MS),
    secure: true,
    httpOnly: true,
    path: "/",
    sameSite: "none",
  };
  const user = { id, name: "Jason Andres", email: `${id}@winery.test`, role: "Admin Owner" };
  return { cookie, user, theme: "light" } as unknown as SessionData;
}

/** Its table as its own file makes it, an index on the expiry included. */
async function openTable(servers: Servers, sessionCount: number) {
  const database = await createDatabase(servers, "bare");
  const file = createRequire(import.meta.url).resolve("connect-pg-simple/table.sql");
  await database.sql.query(await readFile(file, "utf8"));
  const sids = Array.from({ length: sessionCount }, newSid);
  await database.sql.query(
    `insert into session (sid, sess, expire)
     select sid, sess, now() + interval '7 hours' from unnest($1::text[], $2::json[]) s (sid, sess)`,
    [sids, sids.map((_, index) => JSON.stringify(sessionData(index, 7)))],
  );
  await database.sql.query("vacuum analyze session");
  return { database, sids };
}

const answered = (act: (done: (error?: Error | null) => void) => void) =>
  new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));

/** Over a pool of ten. */
export async function openPgSimple(servers: Servers, sessionCount: number): Promise<Writer> {
  const { database, sids } = await openTable(servers, sessionCount);
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  const Store = connectPgSimple(session);
  const store = new Store({ pool, pruneSessionInterval: false });
  const next = shuffled(sessionCount);
  let touched = 0;
  const touch = () => {
    const index = next();
    touched += 1;
    return answered((done) => store.touch(sids[index] as string, sessionData(index, 8), done));
  };
  return {
    name: "connect-pg-simple: touch",
    ours: false,
    gathers: false,
    async touchFor(forMs) {
      const { calls, elapsedMs } = await drive(touch, { concurrency: CONCURRENCY, forMs });
      return { uses: calls, elapsedMs, behindMs: 0 };
    },
    touchAllOnce: async () => void (await drive(touch, { concurrency: CONCURRENCY, calls: sessionCount })),
    signIn: {
      name: "connect-pg-simple: set",
      call: () => answered((done) => store.set(newSid(), sessionData(next(), 8), done)),
    },
    async finish() {
      await pool.end();
      // Each of them was updated, or this throws.
      return updatesOf(database, "session", touched);
    },
    drop: database.drop,
  };
}

/** One connection, on which its client pipelines by itself. Redis writes nothing to a disk here. */
export async function openRedis(url: string, sessionCount: number): Promise<Writer> {
  const client = createClient({ url });
  await client.connect();
  const store = new RedisStore({ client, prefix: `writes-${newSid()}:` });
  const sids = Array.from({ length: sessionCount }, newSid);
  const fill = shuffled(sessionCount);
  const set = (sid: string, index: number, hours: number) => store.set(sid, sessionData(index, hours));
  await drive(
    () => {
      const index = fill();
      return set(sids[index] as string, index, 7);
    },
    { concurrency: CONCURRENCY, calls: sessionCount },
  );
  const next = shuffled(sessionCount);
  const touch = () => {
    const index = next();
    return store.touch(sids[index] as string, sessionData(index, 8));
  };
  return {
    name: "connect-redis: touch",
    ours: false,
    gathers: false,
    async touchFor(forMs) {
      const from = next();
      await store.touch(sids[from] as string, sessionData(from, 8));
      const { calls, elapsedMs } = await drive(touch, { concurrency: CONCURRENCY, forMs });
      const leftSeconds = await client.ttl(`${store.prefix}${sids[from]}`);
      if (leftSeconds < 7.5 * 3_600) throw new Error("connect-redis did not keep the use of a session");
      return { uses: calls, elapsedMs, behindMs: 0 };
    },
    signIn: { name: "connect-redis: set", call: () => set(newSid(), next(), 8) },
    async finish() {
      await store.clear();
      await client.close();
      return undefined;
    },
    drop: async () => {},
  };
}
