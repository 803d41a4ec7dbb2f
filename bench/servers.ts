import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { newPostgres } from "../tests/support/embedded-postgres";
import { freePort } from "../tests/support/free-port";
import { startPostgrest } from "../tests/support/postgrest";
import { hasRedis, startRedis } from "../tests/support/redis-server";
import { copyDatabase, onServer, prepareTemplates } from "../tests/support/templates";

/** Addresses of real servers on this machine, for every suite. Plain data: it is handed to other processes. */
export type Servers = {
  /** Connection string of PostgreSQL, up to the database's name. */
  postgres: string;
  /** Undefined where there is no `redis-server` on the PATH. */
  redis: string | undefined;
};

/** A quarter of the memory, as PostgreSQL's documentation suggests to begin with. */
const BUFFERS_MB = Math.round(totalmem() / 4 / 2 ** 20);

/** As a small production server is set up; durable: what is committed is on the disk. */
const POSTGRES_FLAGS = {
  shared_buffers: `${BUFFERS_MB}MB`,
  max_wal_size: "8GB",
  checkpoint_timeout: "15min",
  max_connections: "200",
  random_page_cost: "1.1",
  jit: "off",
};

export async function startServers(): Promise<Servers & { version: string; stop(): Promise<void> }> {
  const port = await freePort();
  const databaseDir = await mkdtemp(join(tmpdir(), "libero-bench-"));
  // PostgreSQL runs as a user of its own where we are root, and has to get in.
  await chmod(databaseDir, 0o755);
  const flags = Object.entries(POSTGRES_FLAGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = newPostgres({ databaseDir: join(databaseDir, "data"), port, flags });
  await server.initialise();
  await server.start();
  const postgres = `postgres://postgres:test@127.0.0.1:${port}`;
  await prepareTemplates(server, postgres);
  const redis = hasRedis ? await startRedis() : undefined;
  const [{ server_version: version }] = await onServer(postgres, "show server_version");
  return {
    postgres,
    redis: redis?.url,
    version,
    async stop() {
      await redis?.stop();
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

export type BenchDatabase = {
  url: string;
  /** A connection of the benchmark's own, as the owner. */
  sql: pg.Client;
  drop(): Promise<void>;
};

/** A database of its own, with Libero's schema or with none. */
export const createDatabase = (
  { postgres }: Servers,
  template: "migrated" | "bare",
): Promise<BenchDatabase> => copyDatabase(postgres, template);

/** A real PostgREST in front of a database, behind a gateway that does as Supabase's. */
export const openPostgrest = startPostgrest;
