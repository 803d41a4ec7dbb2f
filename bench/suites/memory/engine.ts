import { type Child, startChild } from "../../measure/child";
import { type BenchDatabase, createDatabase, type Servers } from "../../servers";
import type { EngineHandlers } from "./engine-process";

type Engine = { database: BenchDatabase; child: Child<EngineHandlers>; clientId: string };

/** Works with the engine in a process of its own, on a database of its own, and ends both. */
export async function withEngine<T>(
  servers: Servers,
  { cacheEntries, install }: { cacheEntries: number; install: (database: BenchDatabase) => Promise<string> },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const database = await createDatabase(servers, "migrated");
  const child = startChild<EngineHandlers>(new URL("./engine-process.ts", import.meta.url), {
    flags: ["--expose-gc"],
  });
  try {
    const clientId = await install(database);
    await child.ask("open", { DATABASE_URL: database.url, ...cacheOf(cacheEntries) });
    const result = await work({ database, child, clientId });
    await child.ask("stop");
    return result;
  } finally {
    await child.stop();
    await database.drop();
  }
}

/** A cache with room for so many sessions, whatever it takes them to be in bytes. */
export const cacheOf = (entries: number) => ({
  SESSION_CACHE_ENTRIES: String(entries),
  SESSION_CACHE_MEGABYTES: "1024",
});
