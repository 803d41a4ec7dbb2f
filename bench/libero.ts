import { setTimeout as sleep } from "node:timers/promises";
import { readEnv } from "../app/lib/env.server";
import { createSessionCookie } from "../app/lib/sessions/cookie";
import { hashSecret, newToken } from "../app/lib/sessions/token";
import { type Wiring, wire } from "../app/lib/wiring.server";
import { headerOf } from "./browser";
import type { BenchDatabase } from "./servers";

export const SECRET = "5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f";

/** As an operator sets it, over which each contender lays its own. */
const ENV = { SESSION_SECRET: SECRET, APP_URL: "https://libero.test", LOG_LEVEL: "silent" };

/** Libero as the server puts it together, with its guards and its channel; ready when its channel is open. */
export async function openLibero(env: Record<string, string>): Promise<Wiring> {
  const libero = wire(readEnv({ ...ENV, ...env } as unknown as NodeJS.ProcessEnv));
  await libero.start();
  const deadlineMs = Date.now() + 10_000;
  while (libero.channel && libero.channel.epoch() === undefined) {
    if (Date.now() > deadlineMs) throw new Error("the invalidation channel did not open in 10 s");
    await sleep(10);
  }
  return libero;
}

/** What a request costs: as `getSession` in `app/lib/sessions.server.ts`. */
export async function readSession({ sessions }: Wiring, cookieHeader: string): Promise<string | undefined> {
  const session = await sessions.read(cookieHeader);
  return (session && (await sessions.refresh(session)))?.user.id;
}

/** Installs a client. @returns its id */
export async function installClient(
  { sql }: Pick<BenchDatabase, "sql">,
  tenantId = "bench-winery",
): Promise<string> {
  const { rows } = await sql.query("select id from public.install_client($1, '{}', null)", [tenantId]);
  return rows[0].id;
}

/** Live sessions of as many users, written as the engine writes them, and their cookies. */
export async function seedSessions({ sql }: Pick<BenchDatabase, "sql">, clientId: string, count: number) {
  const cookie = createSessionCookie({ name: "__libero_session", secrets: [SECRET], attributes: {} });
  const made = Array.from({ length: count }, (_, index) => ({ token: newToken(), userId: `user-${index}` }));
  await sql.query(
    `insert into public.app_sessions
       (id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at,
        last_activity_at, origin, device, renewable_until, max_age_seconds, idle_timeout)
     select s.id, $1, s.hash, s.user_id, 'Jason Andres', s.user_id || '@winery.test', 'Admin Owner',
       '{"theme": "light"}', now(), now() + interval '8 hours', now(), 'open', 'Firefox on Windows',
       now() + interval '8 hours', 28800, interval '2 hours'
     from unnest($2::uuid[], $3::bytea[], $4::text[]) as s (id, hash, user_id)`,
    [
      clientId,
      made.map(({ token }) => token.id),
      made.map(({ token }) => hashSecret(token.secret)),
      made.map(({ userId }) => userId),
    ],
  );
  await sql.query("vacuum analyze public.app_sessions");
  return made.map(({ token, userId }) => ({
    id: token.id,
    userId,
    cookie: headerOf(cookie.write(token, 28_800)),
  }));
}
