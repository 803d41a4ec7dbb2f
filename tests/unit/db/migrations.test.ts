import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { readMigrations } from "../../../app/lib/db/migrations";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "libero-migrations-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("A8: reads the files in the order of their versions, and nothing else", async () => {
  const files = ["20260102000000_b_and_more.sql", "20260101000000_a.sql", "20260103000000_c.sql"];
  const others = [
    "README.md",
    "draft.sql",
    "20260104000000.sql",
    "20260105000000_d.sql.bak",
    "x_20260106_e.sql",
  ];
  for (const file of [...files, ...others]) await writeFile(join(folder, file), `-- ${file}`);
  expect(await readMigrations(folder)).toEqual({
    schema: "public",
    files: [
      { version: "20260101000000", name: "a", sql: "-- 20260101000000_a.sql" },
      { version: "20260102000000", name: "b_and_more", sql: "-- 20260102000000_b_and_more.sql" },
      { version: "20260103000000", name: "c", sql: "-- 20260103000000_c.sql" },
    ],
  });
});

it("A8: reads our own", async () => {
  const { files } = await readMigrations("supabase/migrations");
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["clients", "app_sessions", "app_session_cleanup", "pg_cron", "grants"]),
  );
});

it("C3: reads our own for another schema, and none speaks of `public` then but as everybody's role", async () => {
  const { schema, files } = await readMigrations("supabase/migrations", "cellar");
  expect(schema).toBe("cellar");
  for (const { sql } of files) {
    const rest = sql.replaceAll("from public'", "").replaceAll(/select 'public'(\n|::name)/g, "");
    expect(rest).not.toMatch(/\bpublic\b/);
  }
});

it.each(["an empty folder", "a folder that is not there"])("%s is a clear error", async (what) => {
  if (what === "a folder that is not there") await rm(folder, { recursive: true });
  const reading = readMigrations(folder);
  await expect(reading).rejects.toThrow(ConfigurationError);
  await expect(reading).rejects.toThrow(`no migrations in ${folder}: start Libero from its own folder`);
});
