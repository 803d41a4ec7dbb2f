import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../app/lib/base/errors";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";
import { supabaseDb } from "../support/supabase-cli";
import { landedMigrations, openWire, rollbackSql } from "./world";

const FOLDER = "supabase/migrations";
const LANDED = ["20261120000001", "20261120000002", "20261120000003", "20261120000004", "20261120000005"];
const VERSIONS = [
  ...LANDED,
  ...[
    "20261121000001",
    "20261121000002",
    "20261121000003",
    "20261121000004",
    "20261121000005",
    "20261121000006",
  ],
  ...["20261122000001", "20261122000002"],
  ...["20261123000001", "20261123000002", "20261123000003", "20261123000004", "20261123000006"],
  "20261123000007",
  "20261124000001",
  "20261124000002",
  "20261127000001",
  "20261127000020",
  "20261127000021",
  "20261128000001",
  "20261128000002",
  "20261128000003",
  "20261128000009",
];

/** What belongs to us in a database: everything in the schema `public`. */
const OURS = `
  select 'table ' || tablename as name from pg_tables where schemaname = 'public'
  union all
  select 'column ' || table_name || '.' || column_name from information_schema.columns where table_schema = 'public'
  union all
  select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select 'trigger ' || tgname from pg_trigger where not tgisinternal
  union all
  select 'index ' || indexname from pg_indexes where schemaname = 'public'
  union all
  select 'sequence ' || sequencename from pg_sequences where schemaname = 'public'
  union all
  select 'type ' || typname from pg_type where typnamespace = 'public'::regnamespace
  order by 1
`;

describe("A8: migrations", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase("bare");
  });
  afterEach(() => database.drop());

  const migrate = async (migrationsFolder = FOLDER) => {
    const db = openPostgres({ url: database.url, migrationsFolder, logger: silentLogger });
    try {
      await db.migrate();
    } finally {
      await db.close();
    }
  };
  const names = async (sql: string) => (await database.sql.query(sql)).rows.map(({ name }) => name);
  const applied = () => names("select version as name from supabase_migrations.schema_migrations order by 1");

  it("are applied once, by however many instances that start together", async () => {
    await Promise.all([migrate(), migrate(), migrate()]);
    expect(await applied()).toEqual(VERSIONS);
    await migrate();
    expect(await applied()).toEqual(VERSIONS);
  });

  it("are all applied or none: a broken one is named and leaves nothing behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-migrations-"));
    await writeFile(join(folder, "1_good.sql"), "create table public.half_done (id int);");
    await writeFile(join(folder, "2_broken.sql"), "create tabel public.broken (id int);");
    await expect(migrate(folder)).rejects.toThrow(ConfigurationError);
    await expect(migrate(folder)).rejects.toThrow(/2_broken.*tabel/);
    expect(await names(OURS)).toEqual([]);
  });

  it("leave the Supabase CLI nothing to do, and it leaves us nothing to do", {
    timeout: 120_000,
  }, async () => {
    await migrate();
    expect(await supabasePush(database.url)).toMatch(/up to date/i);

    const other = await createTestDatabase("bare");
    try {
      expect(await supabasePush(other.url)).toMatch(/20261121000006/);
      const before = (await other.sql.query("select * from supabase_migrations.schema_migrations")).rows;
      expect(before.map(({ version }) => version).sort()).toEqual(VERSIONS);
      const db = openPostgres({ url: other.url, migrationsFolder: FOLDER, logger: silentLogger });
      await db.migrate();
      await db.close();
      expect((await other.sql.query("select * from supabase_migrations.schema_migrations")).rows).toEqual(
        before,
      );
    } finally {
      await other.drop();
    }
  });

  it("can be rolled back as docs/rollback.md says, and applied again", async () => {
    await migrate();
    const everything = await names(OURS);
    for (const [kind, least] of Object.entries({ table: 4, function: 33, trigger: 5, sequence: 1 })) {
      expect(everything.filter((name) => name.startsWith(`${kind} `)).length).toBeGreaterThanOrEqual(least);
    }

    await database.sql.query(await rollbackSql());
    expect(await names(OURS)).toEqual([]);
    expect(await applied()).toEqual([]);

    await migrate();
    expect(await names(OURS)).toEqual(everything);
  });

  it("can be rolled back halfway too: from the older version, and where nothing is", async () => {
    const landed = await landedMigrations();
    await migrate(landed);
    await rm(landed, { recursive: true });
    expect(await applied()).toEqual(LANDED);
    await database.sql.query(await rollbackSql());
    expect(await names(OURS)).toEqual([]);
    await database.sql.query(await rollbackSql());
    await migrate();
    expect(await applied()).toEqual(VERSIONS);
  });

  it("carry the older version's rows along", async () => {
    const landed = await landedMigrations();
    await migrate(landed);
    await rm(landed, { recursive: true });
    await database.sql.query(`
      select public.create_app_session(
        gen_random_uuid(), id, repeat('ab', 32), 'u', 'Una', null, 'Admin', '{"theme": "dark"}', now(),
        now() + interval '1 hour', null
      ) from public.install_client('old-oak', '{}', null);
      select public.save_client_settings(id, null, 'dark', 900) from public.clients;
    `);
    await migrate();
    const { rows } = await database.sql.query(
      "select data, origin, revision, session_max_age_seconds as age from public.app_sessions, public.clients",
    );
    expect(rows).toEqual([{ data: { theme: "dark" }, origin: "open", revision: "0", age: 900 }]);
  });

  it("need no superuser, as on Supabase: who may create in the database is enough", async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.sql.query(`
      drop role if exists winemaker; create role winemaker login password 'test' createrole;
      grant anon, authenticated, service_role to winemaker;
      grant create on database ${name} to winemaker; grant create, usage on schema public to winemaker;
    `);
    const url = new URL(database.url);
    url.username = "winemaker";
    const db = openWire(url.href);
    await db.migrate();
    expect(await db.pendingMigrations()).toEqual([]);
    expect(await sqlStores(db).sessions.sweep(10, 90)).toMatchObject({ outcome: "swept" });
    await db.close();
    await database.sql.query("drop owned by winemaker; drop role winemaker");
  });

  it("need no right to create where the database is up to date", async () => {
    await migrate();
    await database.sql.query(`
      drop role if exists reader; create role reader login password 'test';
      grant usage on schema supabase_migrations to reader;
      grant select on supabase_migrations.schema_migrations to reader;
    `);
    const url = new URL(database.url);
    url.username = "reader";
    const db = openPostgres({ url: url.href, migrationsFolder: FOLDER, logger: silentLogger });
    await expect(db.migrate()).resolves.toBeUndefined();
    await db.close();
    await database.sql.query("drop owned by reader; drop role reader");
  });
});

async function supabasePush(url: string): Promise<string> {
  const { stdout, stderr } = await supabaseDb(url, "push");
  return stdout + stderr;
}
