import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import type { Logger } from "../base/logger";
import { callStatement } from "./call-statement";
import type { Database } from "./database";
import { databaseFailure, sqlState } from "./failures";
import { lockFolder } from "./folder-lock";
import { applyMigrations, readMigrations } from "./migrations";

type PgliteOptions = {
  /** Where the data lives. */
  folder: string;
  migrationsFolder: string;
  logger: Logger;
};

type Instance = { db: PGlite; unlock: () => Promise<void> };

/** PostgreSQL inside this process. One process at a time may hold a folder; opens at the first call. */
export function openPglite({ folder, ...rest }: PgliteOptions): Database {
  return pgliteDatabase({ openInstance: () => openFolder(folder), ...rest });
}

type InstanceOptions = Omit<PgliteOptions, "folder"> & { openInstance: () => Promise<Instance> };

/** The database over an instance of PGlite, wherever that comes from. */
export function pgliteDatabase({ openInstance, migrationsFolder, logger }: InstanceOptions): Database {
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
      const { text, values } = callStatement(name, args);
      try {
        return (await db.query(text, values)).rows as Record<string, unknown>[];
      } catch (error) {
        throw databaseFailure(error, sqlState(error));
      }
    },
    async migrate() {
      const { db } = await open();
      const applied = await applyMigrations(
        {
          query: async (text, values) => (await db.query(text, values)) as never,
          run: (text) => db.exec(text),
        },
        await readMigrations(migrationsFolder),
      );
      if (applied.length > 0) logger.info({ applied }, "database migrated");
    },
    async close() {
      closed = true;
      const held = await opened?.catch(() => undefined);
      await held?.db.close();
      await held?.unlock();
    },
  };
}

async function openFolder(folder: string): Promise<Instance> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    return { db: await PGlite.create(folder), unlock };
  } catch (error) {
    await unlock();
    throw error;
  }
}
