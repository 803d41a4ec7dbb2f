import { cp, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { ClientStore } from "../../app/lib/clients/client-store";
import type { Database, Row } from "../../app/lib/db/database";
import { openPostgres } from "../../app/lib/db/postgres";
import type { SessionStore } from "../../app/lib/sessions/store";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";

export const MIGRATIONS = "supabase/migrations";

/** A wire to a database, with the schema that the repository has. */
export const openWire = (url: string, options: Partial<Parameters<typeof openPostgres>[0]> = {}) =>
  openPostgres({ url, migrationsFolder: MIGRATIONS, logger: silentLogger, ...options });

/** What the tests of a file have before them: a database of the file's own, emptied, with one client. */
export type World = {
  database: TestDatabase;
  db: Database;
  clients: ClientStore;
  sessions: SessionStore;
  clientId: string;
  /** Runs a statement by hand, as the owner. */
  sql(text: string, values?: unknown[]): Promise<Row[]>;
  /** Starts sessions with ids that the database makes, and without the events of their start. @returns the ids */
  insertSessions(count: number): Promise<string[]>;
};

export function openWorld(): World {
  const world = {} as World;
  beforeAll(async () => {
    world.database = await createTestDatabase();
    world.db = openWire(world.database.url);
    Object.assign(world, sqlStores(world.db));
  });
  beforeEach(async () => {
    await world.database.reset();
    world.clientId = (await world.clients.install(aClient("old-oak"))).id;
  });
  afterAll(async () => {
    await world.db.close();
    await world.database.drop();
  });

  world.sql = async (text, values) => (await world.database.sql.query(text, values)).rows;
  world.insertSessions = async (count) => {
    const rows = await world.sql(
      `insert into public.app_sessions (
         id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, device,
         created_at, expires_at, last_activity_at, idle_timeout
       )
       select gen_random_uuid(), $1, sha256(i::text::bytea), 'user-' || i, 'Jason Andres', 'jason@example.com',
         'Admin Owner', '{"theme": "dark"}', 'Firefox on Windows', now(), now() + interval '8 hours', now(), '2 hours'
       from generate_series(1, $2::integer) i
       returning id`,
      [world.clientId, count],
    );
    return rows.map(({ id }) => id);
  };
  return world;
}

/** The migrations of the version before this one, in a folder of their own. */
export async function landedMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "libero-landed-"));
  await cp(MIGRATIONS, folder, {
    recursive: true,
    filter: (path) => path === MIGRATIONS || path.includes("/20261120"),
  });
  return folder;
}

/** The statements that docs/rollback.md prints. */
export async function rollbackSql(): Promise<string> {
  const [, statements] = /```sql\n(.*?)```/s.exec(await readFile("docs/rollback.md", "utf8")) ?? [];
  if (!statements) throw new Error("docs/rollback.md has no SQL");
  return statements;
}
