import type { PGlite } from "@electric-sql/pglite";
import { systemClock } from "../base/clock";
import type { Listening } from "../base/listening";
import type { Logger } from "../base/logger";
import { callStatement } from "./call-statement";
import type { Database } from "./database";
import { databaseFailure, sqlState } from "./failures";
import { lockFolder } from "./folder-lock";
import { createMigrator, type SqlConnection } from "./migrations";
import { checkContents, openingFailure, prepareFolder } from "./pglite-folder";
import { DEFAULT_SCHEMA } from "./schema";

type PgliteOptions = {
  /** Where the data lives. */
  folder: string;
  schema?: string;
  migrationsFolder: string;
  logger: Logger;
};

type Instance = { db: PGlite; unlock: () => Promise<void> };

/** PostgreSQL inside this process. One process at a time may hold a folder; opens at the first call. */
export function openPglite({ folder, ...rest }: PgliteOptions): Database {
  return pgliteDatabase({ openInstance: () => openFolder(folder), ...rest });
}

/** The same, kept nowhere: it is gone when it is closed. */
export function openPgliteInMemory(options: Omit<PgliteOptions, "folder">): Database {
  return pgliteDatabase({
    ...options,
    openInstance: async () => ({ db: await createPglite(), unlock: async () => undefined }),
  });
}

type InstanceOptions = Omit<PgliteOptions, "folder"> & { openInstance: () => Promise<Instance> };

/** The database over an instance of PGlite, wherever that comes from. */
export function pgliteDatabase(options: InstanceOptions): Database {
  const { openInstance, schema = DEFAULT_SCHEMA, migrationsFolder, logger } = options;
  let opened: Promise<Instance> | undefined;
  let closed = false;
  const open = () => {
    if (closed) return Promise.reject(new Error("the embedded database is closed"));
    opened ??= openInstance();
    return opened;
  };

  return {
    kind: "pglite",
    async call(name, args = {}) {
      const { db } = await open();
      const { text, values } = callStatement(schema, name, args);
      try {
        return (await db.query(text, values)).rows as Record<string, unknown>[];
      } catch (error) {
        throw databaseFailure(error, sqlState(error));
      }
    },
    listen: (channel, receive) => listenOnPglite(open, channel, receive),
    ...createMigrator({
      folder: migrationsFolder,
      schema,
      logger,
      connected: async (work) => work(connectionOf(await open())),
    }),
    async vacuum() {
      await (await open()).db.exec("vacuum analyze");
    },
    async close() {
      closed = true;
      const held = await opened?.catch(() => undefined);
      await held?.db.close();
      await held?.unlock();
    },
  };
}

function connectionOf({ db }: Instance): SqlConnection {
  return {
    query: async (text, values) => (await db.query(text, values)) as never,
    run: (text) => db.exec(text),
  };
}

/** The database is in this process: once it is open, nothing can come between it and us. */
function listenOnPglite(
  open: () => Promise<Instance>,
  channel: string,
  receive: (payload: string) => void,
): Listening {
  let alive = false;
  let changedAtMs = systemClock();
  const listening = open().then(async ({ db }) => {
    const stopListening = await db.listen(channel, receive);
    alive = true;
    changedAtMs = systemClock();
    return stopListening;
  });
  // A database that does not open says so to the first call.
  listening.catch(() => undefined);
  return {
    epoch: () => (alive ? 1 : undefined),
    sinceMs: () => changedAtMs,
    async stop() {
      alive = false;
      await listening.then((stopListening) => stopListening()).catch(() => undefined);
    },
  };
}

/** A compiled PostgreSQL is loaded by whoever needs one, not by every command. */
async function createPglite(folder?: string): Promise<PGlite> {
  const { PGlite } = await import("@electric-sql/pglite");
  return PGlite.create(folder);
}

async function openFolder(folder: string): Promise<Instance> {
  const real = await prepareFolder(folder);
  const unlock = await lockFolder(real);
  try {
    await checkContents(folder, real);
    const db = await createPglite(real).catch(async (error) => {
      throw await openingFailure(folder, error);
    });
    return { db, unlock };
  } catch (error) {
    await unlock();
    throw error;
  }
}
