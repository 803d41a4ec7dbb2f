import { randomBytes } from "node:crypto";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import type pg from "pg";
import { cookieHeader, pairOf } from "../browser";
import { SECRET } from "../libero";
import type { BenchDatabase } from "../servers";
import type { Contender, OpenContender } from "./contender";
import { onDatabase, openPool, peopleOf, signed } from "./people";

/** As documented for production. Joins are off by default; with them a session and its user are one query instead of two. */
const optionsOn = (pool: pg.Pool, cached: boolean) => ({
  baseURL: "https://libero.test",
  secret: SECRET,
  database: pool,
  advanced: { database: { joins: true } },
  // Five minutes in its documentation; an hour, so that no copy runs out during the run.
  session: { cookieCache: { enabled: cached, maxAge: 3_600 } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
});

const openAuth = (pool: pg.Pool, cached: boolean) => betterAuth(optionsOn(pool, cached));
type Auth = ReturnType<typeof openAuth>;

/**
 * The signed token is checked, and session and user are selected. The session is written once a day (`updateAge`, left at its
 * default), which none of these sessions is due for.
 */
export const betterAuthByPg = betterAuthAs("better-auth, PostgreSQL", false);

/**
 * A signed copy of session and user in a second cookie is believed: nothing is looked up for as long as it lasts, and a session that
 * ended goes on being open for that time.
 */
export const betterAuthCached = betterAuthAs("better-auth, with its cookie cache", true);

function betterAuthAs(name: string, cached: boolean): OpenContender {
  return (servers, sessionCount) =>
    onDatabase(servers, async (database) => {
      const pool = openPool(database.url);
      const { runMigrations } = await getMigrations(optionsOn(pool, cached));
      await runMigrations();
      const seeded = await seed(database, sessionCount);
      const auth = openAuth(pool, cached);
      const read = async (cookie: string) =>
        (await auth.api.getSession({ headers: new Headers({ cookie }) }))?.user.id;
      // The first has no copy yet, as at a first visit: where a copy is no good, the token in the other cookie is believed, and
      // `checkContender` tampers with that.
      const [first, ...others] = seeded as [Contender["sessions"][number]];
      const sessions = cached ? [first, ...(await withCopies(auth, others))] : seeded;
      return { name, kind: "peer", sessions, read, close: () => pool.end() };
    });
}

/** Users and sessions as better-auth writes them at a sign-in, and the cookie with the token. */
async function seed({ sql }: BenchDatabase, count: number): Promise<Contender["sessions"]> {
  const made = peopleOf(count).map((person) => ({ ...person, token: randomBytes(24).toString("base64url") }));
  const users = made.map(({ userId }) => userId);
  await sql.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     select id, 'Jason Andres', id || '@winery.test', true, now(), now() from unnest($1::text[]) as id`,
    [users],
  );
  await sql.query(
    `insert into session (id, token, "userId", "ipAddress", "userAgent", "createdAt", "updatedAt", "expiresAt")
     select md5(s.token), s.token, s.id, '203.0.113.7', 'Firefox on Windows', now(), now(), now() + interval '7 days'
     from unnest($1::text[], $2::text[]) as s (id, token)`,
    [users, made.map(({ token }) => token)],
  );
  await sql.query(`vacuum analyze "user", session`);
  return made.map(({ token, userId }) => ({
    userId,
    cookie: cookieHeader(`__Secure-better-auth.session_token=${encodeURIComponent(signed(token))}`),
  }));
}

/** Each asks once without a copy, as a browser does, and keeps what the answer sets; 32 at a time. */
async function withCopies(auth: Auth, sessions: Contender["sessions"]): Promise<Contender["sessions"]> {
  const withCopy = async ({ cookie, userId }: Contender["sessions"][number]) => {
    const { headers } = await auth.api.getSession({ headers: new Headers({ cookie }), returnHeaders: true });
    const copies = headers.getSetCookie().map(pairOf);
    if (copies.length === 0) throw new Error("better-auth sets no copy of a session");
    return { cookie: [cookie, ...copies].join("; "), userId };
  };
  const all: Contender["sessions"] = [];
  for (let at = 0; at < sessions.length; at += 32)
    all.push(...(await Promise.all(sessions.slice(at, at + 32).map(withCopy))));
  return all;
}
