import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, mkdtemp, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export type FreshClone = { folder: string; remove(): Promise<void> };

/**
 * The working tree as git would hand it out, uncommitted changes included, after `npm ci`: without a build, a cache, data
 * or settings of its own.
 */
export async function makeFreshClone(): Promise<FreshClone> {
  const folder = await mkdtemp(join(tmpdir(), "libero-clone-"));
  // Where we are root, PostgreSQL runs from there as another user.
  await chmod(folder, 0o755);
  const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z"];
  const { stdout } = await promisify(execFile)("git", listed, { maxBuffer: 16_000_000 });
  for (const file of stdout.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that was deleted, and not yet from the index.
    await copyFile(file, join(folder, file)).catch(unlessMissing);
  }
  await linkTree("node_modules", join(folder, "node_modules"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The same files under a second name, which takes no room; copies, where that is another disk. Caches stay behind. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (CACHES.has(entry.name)) continue;
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_FICLONE));
  }
}

const CACHES = new Set([".vite", ".vite-temp", ".cache"]);

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
