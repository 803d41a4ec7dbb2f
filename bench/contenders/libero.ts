import { headerOf } from "../browser";
import { installClient, openLibero, readSession, seedSessions } from "../libero";
import { createDatabase, openPostgrest, type Servers } from "../servers";
import type { Contender, OpenContender } from "./contender";

const ON_POSTGRES = (url: string) => ({ DATABASE_URL: url });
const UNCACHED = { SESSION_CACHE_ENTRIES: "0" };

/** Everybody's sessions fit; the default holds as many. */
const CACHED = (sessionCount: number) => ({
  SESSION_CACHE_ENTRIES: String(sessionCount),
  SESSION_CACHE_MEGABYTES: "256",
});

const openCached = onPostgres("Libero, with cache", (url, { sessionCount }) => ({
  ...ON_POSTGRES(url),
  ...CACHED(sessionCount),
}));

export const liberoCached: OpenContender = async (servers, sessionCount) => ({
  ...(await openCached(servers, sessionCount)),
  refills: true,
});

export const liberoUncached = onPostgres("Libero, PostgreSQL alone", (url) => ({
  ...ON_POSTGRES(url),
  ...UNCACHED,
}));

export const liberoRedis = onPostgres("Libero, Redis and PostgreSQL", (url, { servers }) => ({
  ...ON_POSTGRES(url),
  ...UNCACHED,
  REDIS_URL: servers.redis as string,
  REDIS_KEY_PREFIX: `bench-${Math.random().toString(36).slice(2)}`,
}));

/** Over HTTP to PostgREST, as a project on Supabase without a connection string. */
export const liberoSupabase = onServers("Libero, over supabase-js", async (url) => {
  const postgrest = await openPostgrest(url);
  const env = { SUPABASE_URL: postgrest.url, SUPABASE_SECRET_KEY: postgrest.key("service_role") };
  return { env, close: postgrest.stop };
});

/** Started one after the other through the engine, which takes about a millisecond each. */
const MOST_IN_PGLITE = 1_000;

/** The embedded database, in this process. */
export const liberoPglite: OpenContender = async (_servers, sessionCount) => {
  const libero = await openLibero({ DATABASE_URL: "memory://", ...UNCACHED });
  const client = await libero.clients.install({
    tenantId: "bench-winery",
    installSettings: {},
    contactEmail: null,
  });
  const sessions: Contender["sessions"] = [];
  for (let index = 0; index < Math.min(sessionCount, MOST_IN_PGLITE); index++) {
    const user = { id: `user-${index}`, name: "Jason Andres", email: null, role: "Admin Owner" };
    const { setCookie } = await libero.sessions.start({ clientId: client.id, user });
    sessions.push({ cookie: headerOf(setCookie), userId: user.id });
  }
  return {
    name: "Libero, on embedded PGlite",
    kind: "libero",
    sessions,
    read: (cookie) => readSession(libero, cookie),
    close: () => libero.stop(),
  };
};

type Given = { servers: Servers; sessionCount: number };
type Settings = Record<string, string>;

function onPostgres(name: string, envOf: (url: string, given: Given) => Settings): OpenContender {
  return onServers(name, async (url, given) => ({ env: envOf(url, given), close: async () => {} }));
}

/** @param settle what Libero is told of its servers, and what ends those that are for it alone */
function onServers(
  name: string,
  settle: (url: string, given: Given) => Promise<{ env: Settings; close: () => Promise<void> }>,
): OpenContender {
  return async (servers, sessionCount) => {
    const database = await createDatabase(servers, "migrated");
    const { env, close } = await settle(database.url, { servers, sessionCount });
    const sessions = await seedSessions(database, await installClient(database), sessionCount);
    const libero = await openLibero(env);
    return {
      name,
      kind: "libero",
      sessions,
      read: (cookie) => readSession(libero, cookie),
      async close() {
        await libero.stop();
        await close();
        await database.drop();
      },
    };
  };
}
