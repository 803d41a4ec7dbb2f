import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { newPostgres } from "./embedded-postgres";
import { freePort } from "./free-port";
import { prepareTemplates } from "./templates";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the test server, up to the database's name. */
    postgresServer: string;
  }
}

/**
 * A real PostgreSQL server for a project's tests, with one migrated database that others are copied from, and one
 * that is bare. Starts in about a second; stops with the tests.
 */
export default async function setup(project: TestProject) {
  const port = await freePort();
  const server = newPostgres({
    databaseDir: await mkdtemp(join(tmpdir(), "libero-postgres-")),
    port,
    flags: ["-c", "fsync=off", "-c", "max_connections=200"],
  });
  await server.initialise();
  await server.start();
  const url = `postgres://postgres:test@127.0.0.1:${port}`;
  await prepareTemplates(server, url);
  project.provide("postgresServer", url);
  // embedded-postgres ends the process with code 0 when nothing is left to do, whatever vitest found.
  process.prependListener("beforeExit", () => process.exit());
  return () => server.stop();
}
