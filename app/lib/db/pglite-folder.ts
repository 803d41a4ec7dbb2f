import { constants } from "node:fs";
import { access, lstat, mkdir, readdir, readFile, realpath, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, messageOf } from "../base/errors";
import { LOCK_FILE } from "./folder-lock";

/** The PostgreSQL that PGlite is: it opens no other's folder. */
export const PGLITE_MAJOR = "18";

/** What a file system or its owner puts into an otherwise empty folder. */
const IGNORED = /^(\.|lost\+found$)/;

/** A server that once ran on a folder leaves this there; PGlite does not, although it has a `postmaster.pid` while it runs. */
const SERVER_FILE = "postmaster.opts";

/** A new database takes about 40 MB, its log included; below this, a disk is as good as full. */
const MIN_FREE_BYTES = 32 * 1024 * 1024;

const ALTERNATIVE = "name another folder in DATABASE_URL (pglite://<folder>)";

/**
 * Makes the folder if it is missing, and makes sure that it may be locked: that it can be written, and is nothing else's.
 * @param folder as it is written in DATABASE_URL
 * @returns its real path, the one name of a folder that may be spelled in many ways
 * @throws ConfigurationError that says what the folder is, and what to do
 */
export async function prepareFolder(folder: string): Promise<string> {
  await makeFolder(folder);
  const real = await realpath(folder);
  await access(real, constants.R_OK | constants.W_OK | constants.X_OK).catch((error) => {
    throw unusable(folder, `cannot be written (${messageOf(error)}): give this process the rights to it, or`);
  });
  // Once it has been locked, what it holds counts under the lock alone: another process may be making its database now.
  if (!(await readdir(real)).includes(LOCK_FILE)) await checkContents(folder, real);
  return real;
}

/**
 * What PGlite throws says little, and may be no Error: looks at the folder again for the reason.
 * @param folder as it is written in DATABASE_URL
 */
export async function openingFailure(folder: string, thrown: unknown): Promise<ConfigurationError> {
  const { errno } = (thrown ?? {}) as { errno?: unknown };
  const cause = typeof errno === "number" ? (EMSCRIPTEN[errno] ?? messageOf(thrown)) : messageOf(thrown);
  const disk = await statfs(folder).catch(nothing);
  const isFull = disk !== undefined && disk.bavail * disk.bsize < MIN_FREE_BYTES;
  const state = isFull
    ? "does not open, for there is no space left on its disk: make room, or"
    : `does not open (${cause}): it is damaged, or its files belong to another user; restore it from a backup, correct its permissions, or`;
  return unusable(folder, state);
}

/** Emscripten's error numbers, which differ from the system's. */
const EMSCRIPTEN: Record<number, string> = {
  2: "permission denied",
  29: "input/output error",
  44: "a file is missing",
  51: "no space left on the disk",
  54: "not a directory",
  63: "operation not permitted",
  69: "read-only file system",
};

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unusable(folder, `${await whyNotMade(folder, error)}:`);
  }
}

async function whyNotMade(folder: string, error: unknown): Promise<string> {
  const [entry, target] = [await lstat(folder).catch(nothing), await stat(folder).catch(nothing)];
  if (entry?.isSymbolicLink() && !target) return "is a symbolic link to nothing";
  if (target && !target.isDirectory()) return "is a file, not a folder";
  return `cannot be made (${messageOf(error)})`;
}

const nothing = () => undefined;

/**
 * PGlite would make its database amid anything, and fails without a word on what another PostgreSQL made.
 * @param folder as it is written in DATABASE_URL
 * @throws ConfigurationError unless the folder is empty, or PGlite's own
 */
export async function checkContents(folder: string, real: string): Promise<void> {
  const found = (await readdir(real)).filter((name) => !IGNORED.test(name));
  if (found.length === 0) return;
  if (found.includes(SERVER_FILE)) {
    throw unusable(folder, "belongs to a PostgreSQL server: name that server (postgres://…), or");
  }
  if (!found.includes("PG_VERSION")) {
    throw unusable(folder, "is not empty, and holds no database, or half of one: empty it, or");
  }
  const version = (await readFile(join(real, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (version !== PGLITE_MAJOR) {
    const made = version ? `was made by PostgreSQL ${version}` : "is damaged (its PG_VERSION cannot be read)";
    throw unusable(folder, `${made}, and the embedded one is ${PGLITE_MAJOR}:`);
  }
}

function unusable(folder: string, state: string): ConfigurationError {
  return new ConfigurationError(`the embedded database's folder ${folder} ${state} ${ALTERNATIVE}`);
}
