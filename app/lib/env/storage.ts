import { parseRedisAddress, type RedisAddress } from "../redis/address";
import { isMemoryUrl, type Variables } from "./variables";

/** The key of a Supabase project; the name from before Supabase had secret keys is read where the new one is not set. */
export const secretKeyOf = ({ SUPABASE_SECRET_KEY, SUPABASE_SERVICE_ROLE_KEY }: Partial<Variables>) =>
  SUPABASE_SECRET_KEY ?? SUPABASE_SERVICE_ROLE_KEY;

/** `DATABASE_URL` wins over Supabase's pair; with neither, the embedded database. */
export function toDatabase(value: Variables) {
  const { DATABASE_URL: url, SUPABASE_URL, DATABASE_SCHEMA: schema } = value;
  const secretKey = secretKeyOf(value);
  if (url && isMemoryUrl(url)) return { kind: "memory" as const, schema };
  if (url?.startsWith("pglite://")) {
    return { kind: "pglite" as const, folder: url.slice("pglite://".length), schema };
  }
  if (url) {
    const { DATABASE_DIRECT_URL: directUrl, DATABASE_POOL_MAX: maxConnections } = value;
    return { kind: "postgres" as const, url, directUrl, maxConnections, schema };
  }
  if (SUPABASE_URL && secretKey) return { kind: "supabase" as const, url: SUPABASE_URL, secretKey, schema };
  return { kind: "pglite" as const, folder: ".data/libero", schema };
}

/** Where Redis is; undefined where there is none. */
export function toRedis(value: Variables) {
  const { REDIS_URL, REDIS_KEY_PREFIX: prefix, REDIS_TIMEOUT_MS: timeoutMs } = value;
  return REDIS_URL ? { address: parseRedisAddress(REDIS_URL) as RedisAddress, prefix, timeoutMs } : undefined;
}

type Storage = {
  database: ReturnType<typeof toDatabase>;
  redis: ReturnType<typeof toRedis>;
  sessionCache: { maxEntries: number };
};

const DATABASES: Record<Storage["database"]["kind"], string> = {
  postgres: "PostgreSQL (DATABASE_URL)",
  supabase: "Supabase's PostgreSQL (SUPABASE_URL)",
  pglite: "the embedded database (no server is named by DATABASE_URL or SUPABASE_URL)",
  memory: "this process alone, and end with it (DATABASE_URL is memory://)",
};

/** Where sessions live, and why, in one sentence without addresses. */
export function describeStorage({ database, redis, sessionCache }: Storage): string {
  const front = redis ? "Redis in front of it (REDIS_URL)" : "no Redis in front of it (no REDIS_URL)";
  const { maxEntries } = sessionCache;
  const cache = maxEntries > 0 ? `up to ${maxEntries} of them in each process's cache` : "no cache";
  return `sessions live in ${DATABASES[database.kind]}, with ${front} and ${cache}`;
}
