import type pg from "pg";
import { inject } from "vitest";
import { EMPTY_TABLES } from "./reset";
import { copyDatabase } from "./templates";

export type TestDatabase = {
  url: string;
  /** A connection of the test's own, as the owner. */
  sql: pg.Client;
  /** Forgets all clients, and with them all sessions. */
  reset(): Promise<void>;
  drop(): Promise<void>;
};

/** A database of the test file's own, copied from `migrated` (or `bare`, without any of our tables). */
export async function createTestDatabase(template: "migrated" | "bare" = "migrated"): Promise<TestDatabase> {
  const database = await copyDatabase(inject("postgresServer"), template);
  return {
    ...database,
    reset: async () => void (await database.sql.query(EMPTY_TABLES)),
  };
}
