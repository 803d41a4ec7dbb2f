import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../app/lib/base/errors";
import { openPostgres } from "../../app/lib/db/postgres";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";

const FOLDER = "supabase/migrations";
const VERSIONS = ["20261120000001", "20261120000002", "20261120000003", "20261120000004", "20261120000005"];

/** What belongs to us in a database: tables and functions of the schema `public`. */
const OURS = `
  select 'table ' || tablename as name from pg_tables where schemaname = 'public'
  union all
  select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
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

  it("leave the Supabase CLI nothing to do, and it leaves us nothing to do", async () => {
    await migrate();
    expect(await supabasePush(database.url)).toMatch(/up to date/i);

    const other = await createTestDatabase("bare");
    try {
      expect(await supabasePush(other.url)).toMatch(/20261120000005/);
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
    expect(everything).toContain("table app_sessions");

    const [, rollback = ""] = /```sql\n(.*?)```/s.exec(await readFile("docs/rollback.md", "utf8")) ?? [];
    await database.sql.query(rollback);
    expect(await names(OURS)).toEqual([]);
    expect(await applied()).toEqual([]);

    await migrate();
    expect(await names(OURS)).toEqual(everything);
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

/** The real Supabase CLI against a database; it asks nobody and needs no Docker. @returns what it printed */
async function supabasePush(url: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "libero-supabase-"));
  // A copy, because the CLI keeps notes beside the migrations.
  await cp("supabase", join(home, "supabase"), { recursive: true });
  const remote = `--remote=${url}?sslmode=disable`;
  const args = ["supabase", "db", "push", remote, `--workdir=${home}`, "--yes", "--agent=no"];
  const env = {
    ...process.env,
    HOME: home,
    SUPABASE_YES: "true",
    DO_NOT_TRACK: "1",
    SUPABASE_TELEMETRY_DISABLED: "1",
  };
  const { stdout, stderr } = await promisify(execFile)("npx", args, { env });
  return stdout + stderr;
}
