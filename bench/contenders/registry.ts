import type { OpenContender } from "./contender";

/** Where each contender is. Loaded one by one, each by its own process. */
const LOADERS = {
  liberoCached: async () => (await import("./libero")).liberoCached,
  liberoUncached: async () => (await import("./libero")).liberoUncached,
  liberoRedis: async () => (await import("./libero")).liberoRedis,
  liberoSupabase: async () => (await import("./libero")).liberoSupabase,
  liberoPglite: async () => (await import("./libero")).liberoPglite,
  connectPg: async () => (await import("./express-session")).connectPg,
  connectRedis: async () => (await import("./express-session")).connectRedis,
  betterAuthByPg: async () => (await import("./better-auth")).betterAuthByPg,
  betterAuthCached: async () => (await import("./better-auth")).betterAuthCached,
  ironSession: async () => (await import("./iron-session")).ironSession,
  remixCookie: async () => (await import("./remix-cookie")).remixCookie,
  remixByPg: async () => (await import("./remix-table")).remixByPg,
  remixBySupabase: async () => (await import("./remix-table")).remixBySupabase,
  shopifyByPg: async () => (await import("./shopify")).shopifyByPg,
  bareHmac: async () => (await import("./floors")).bareHmac,
  barePgSelect: async () => (await import("./floors")).barePgSelect,
  barePipelinedSelect: async () => (await import("./floors")).barePipelinedSelect,
} satisfies Record<string, () => Promise<OpenContender>>;

export type ContenderKey = keyof typeof LOADERS;

export const loadContender = (key: ContenderKey): Promise<OpenContender> => LOADERS[key]();

/** Those that need a Redis. */
const WITH_REDIS: ContenderKey[] = ["liberoRedis", "connectRedis"];

export const contenderKeys = ({ redis }: { redis: boolean }): ContenderKey[] =>
  (Object.keys(LOADERS) as ContenderKey[]).filter((key) => redis || !WITH_REDIS.includes(key));
