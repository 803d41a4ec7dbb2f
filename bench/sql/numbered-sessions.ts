import { createHash } from "node:crypto";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { headerOf } from "../browser";
import { SECRET } from "../libero";
import type { BenchDatabase } from "../servers";

/** Sessions whose ids and secrets follow from a number, in SQL as here: millions of them, and each can be opened. */

export const USERS_PER_CLIENT = 200;
export const SESSIONS_PER_USER = 5;

/** A UUID v4 in form. */
export const uuidSql = (text: string) =>
  `overlay(overlay(md5(${text}) placing '4' from 13) placing 'a' from 17)::uuid`;
const uuidOf = (text: string) => md5(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** How many users have so many sessions between them; the sessions of one lie far apart in the table. */
export const usersAmong = (sessions: number) => sessions / SESSIONS_PER_USER;

const cookie = createSessionCookie({ name: "__libero_session", secrets: [SECRET], attributes: {} });

export const sessionId = (n: number) => uuidOf(`session ${n}`);
export const clientIdOf = (user: number) => uuidOf(`client ${Math.floor(user / USERS_PER_CLIENT)}`);
export const userId = (user: number) => `user-${user}`;

/** The Cookie header that opens the session with this number. */
export function cookieOf(n: number): string {
  const secret = md5(`secret ${n}`).padEnd(43, "0");
  return headerOf(cookie.write({ id: sessionId(n), secret }, 28_800));
}

/** The wineries that so many sessions belong to. */
export async function insertClients({ sql }: Pick<BenchDatabase, "sql">, sessions: number): Promise<void> {
  const clients = Math.ceil(usersAmong(sessions) / USERS_PER_CLIENT);
  await sql.query(
    `insert into public.clients (id, tenant_id)
     select ${uuidSql("'client ' || c")}, 'winery-' || c from generate_series(0, $1::integer - 1) c`,
    [clients],
  );
  await sql.query("vacuum analyze public.clients");
}

/**
 * Inserts the sessions numbered from `$1` up to and without `$2`, of as many as `total`, the oldest first.
 * @param createdAt SQL for when the session `n` began; eight hours later it expires
 */
export function insertSessionsSql(total: number, createdAt: string): string {
  return `
    insert into public.app_sessions
      (id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at,
       last_activity_at, origin, device, renewable_until, max_age_seconds, idle_timeout)
    select ${uuidSql("'session ' || n")}, ${uuidSql(`'client ' || u / ${USERS_PER_CLIENT}`)},
      sha256(convert_to(rpad(md5('secret ' || n), 43, '0'), 'UTF8')), 'user-' || u, 'Jason Andres',
      'user-' || u || '@winery.test', 'Admin Owner', '{"theme": "light"}', at, at + interval '8 hours',
      least(now(), at + interval '8 hours'), 'open', 'Firefox on Windows', at + interval '8 hours', 28800,
      interval '2 hours'
    from generate_series($1::bigint, $2::bigint - 1) n,
      lateral (select n % ${usersAmong(total)} as u, ${createdAt} as at) of_user`;
}
