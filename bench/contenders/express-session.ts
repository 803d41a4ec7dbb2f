import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import connectPgSimple from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";
import { cookieHeader } from "../browser";
import { SECRET } from "../libero";
import type { Contender, OpenContender } from "./contender";
import { Response, requestOf } from "./node-http";
import { LIFETIME_SECONDS, onDatabase, openPool, type Person, peopleOf, signed } from "./people";

export const PG_SIMPLE = "express-session with connect-pg-simple";
export const CONNECT_REDIS = "express-session with connect-redis";

const COOKIE = { maxAge: LIFETIME_SECONDS * 1_000, secure: true, sameSite: "none" } as const;

type Seeded = { sid: string; person: Person; json: string };
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * express-session selects the session by its key, and before the response ends moves its end in the table ("touch"), each
 * by a statement of its own that connect-pg-simple does not prepare. `pruneSessionInterval` is off: no clean-up falls into a
 * round.
 */
export const connectPg: OpenContender = (servers, sessionCount) =>
  onDatabase(servers, async (database) => {
    const table = createRequire(import.meta.url).resolve("connect-pg-simple/table.sql");
    await database.sql.query(await readFile(table, "utf8"));
    const seeded = seed(sessionCount);
    await database.sql.query(
      `insert into session (sid, sess, expire)
       select s.sid, s.sess, now() + interval '8 hours' from unnest($1::text[], $2::json[]) as s (sid, sess)`,
      [seeded.map(({ sid }) => sid), seeded.map(({ json }) => json)],
    );
    await database.sql.query("vacuum analyze session");
    const pool = openPool(database.url);
    const PgStore = connectPgSimple(session);
    const store = new PgStore({ pool, pruneSessionInterval: false });
    const close = async () => {
      await store.close();
      await pool.end();
    };
    return contender(PG_SIMPLE, store, seeded, close);
  });

/** The same middleware; the store gets the session's key and moves its expiry, by a single connection that pipelines. */
export const connectRedis: OpenContender = async ({ redis }, sessionCount) => {
  const client = createClient({ url: redis as string });
  // Without a listener a broken connection would end the process; commands fail by themselves.
  client.on("error", () => {});
  await client.connect();
  const prefix = `bench-${randomBytes(6).toString("hex")}:`;
  const store = new RedisStore({ client, prefix });
  const seeded = seed(sessionCount);
  const expiration = { type: "EX", value: LIFETIME_SECONDS } as const;
  await Promise.all(seeded.map(({ sid, json }) => client.set(prefix + sid, json, { expiration })));
  return contender(CONNECT_REDIS, store, seeded, async () => {
    await store.clear();
    await client.close();
  });
};

function contender(
  name: string,
  store: session.Store,
  seeded: Seeded[],
  close: () => Promise<void>,
): Contender {
  const options = { secret: SECRET, resave: false, saveUninitialized: false, rolling: false, proxy: true };
  // Express' types; it asks for no more than Node's own objects have.
  const middleware = session({ ...options, store, cookie: COOKIE }) as unknown as Middleware;
  return {
    name,
    kind: "peer",
    sessions: seeded.map(({ sid, person }) => ({
      cookie: cookieHeader(`connect.sid=${encodeURIComponent(`s:${unpadded(signed(sid))}`)}`),
      userId: person.userId,
    })),
    read: (cookie) => serve(middleware, cookie),
    close,
  };
}

/** One request from the Cookie header to the end of its response, which the store's touch comes before. */
function serve(middleware: Middleware, cookie: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request: IncomingMessage & { session?: Partial<Person> } = requestOf(cookie);
    let userId: string | undefined;
    const response = new Response(request, () => resolve(userId));
    middleware(request, response, (error) => {
      if (error) return reject(error);
      userId = request.session?.userId;
      response.end();
    });
  });
}

/** Sessions as express-session writes them: the cookie's attributes first, then the data. */
function seed(count: number): Seeded[] {
  return peopleOf(count).map((person) => {
    const json = JSON.stringify({ cookie: Object.assign(new session.Cookie(), COOKIE), ...person });
    return { sid: randomBytes(24).toString("base64url"), person, json };
  });
}

const unpadded = (signature: string) => signature.replace(/=+$/, "");
