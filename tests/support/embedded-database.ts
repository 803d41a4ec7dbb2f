import { createHash, randomUUID } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Database } from "../../app/lib/db/database";
import { pgliteDatabase } from "../../app/lib/db/pglite";
import { silentLogger } from "./silent-logger";

const MIGRATIONS = "supabase/migrations";

/**
 * A migrated embedded database, in a folder and as an archive. Making one takes seconds of computing (initdb, compiled to
 * WebAssembly); a copy does not. It is made by the first test that asks, and kept for as long as migrations and PGlite stay the same.
 */
async function template(): Promise<{ folder: string; archive: string }> {
  const home = join(tmpdir(), `libero-embedded-template-${contentHash()}`);
  const parts = { folder: join(home, "data"), archive: join(home, "data.tar") };
  if (existsSync(home)) return parts;
  // Tests in other processes may make one at the same time: the first that is done wins.
  const draft = `${home}-${randomUUID()}`;
  await mkdir(draft);
  const pglite = await PGlite.create(join(draft, "data"));
  await over(pglite).migrate();
  await writeFile(
    join(draft, "data.tar"),
    Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer()),
  );
  await pglite.close();
  await rename(draft, home).catch(async (error: NodeJS.ErrnoException) => {
    if (!existsSync(home)) throw error;
    await rm(draft, { recursive: true });
  });
  return parts;
}

function contentHash(): string {
  const hash = createHash("sha256");
  const pglite = dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite"));
  hash.update(readFileSync(join(pglite, "..", "package.json")));
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(readFileSync(join(MIGRATIONS, name)));
  return hash.digest("hex").slice(0, 16);
}

const over = (pglite: PGlite) =>
  pgliteDatabase({
    openInstance: async () => ({ db: pglite, unlock: async () => {} }),
    migrationsFolder: MIGRATIONS,
    logger: silentLogger,
  });

/** A migrated embedded database of the test's own, in memory, and PGlite behind it for statements by hand. */
export async function openEmbedded(): Promise<{ db: Database; pglite: PGlite }> {
  const archive = await readFile((await template()).archive);
  const pglite = await PGlite.create({ loadDataDir: new Blob([archive]) });
  return { db: over(pglite), pglite };
}

/** A folder of a migrated embedded database, which no process has open. @param to where it is made; else somewhere of its own */
export async function copyEmbedded(to?: string): Promise<string> {
  const folder = to ?? join(await mkdtemp(join(tmpdir(), "libero-embedded-")), "data");
  // A thousand files: by promises it takes three times as long.
  cpSync((await template()).folder, folder, { recursive: true });
  return folder;
}
