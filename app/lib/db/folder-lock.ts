import { spawn } from "node:child_process";
import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ConfigurationError, messageOf } from "../base/errors";

/** Inside the folder, because a container that mounts the folder may see nothing beside it. PGlite ignores the file. */
export const LOCK_FILE = ".libero.lock";

/** Flags by which `open` itself takes the lock: macOS's O_EXLOCK (open(2)), libuv's UV_FS_O_EXLOCK on Windows. */
const EXCLUSIVE_OPEN: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20, win32: 0x1000_0000 };

/** What opening a file says that another process has locked: EAGAIN on macOS, EBUSY on Windows. */
const LOCKED_CODES = ["EAGAIN", "EBUSY"];

/** A process that was killed holds its files for a moment longer, until the system has taken it down. */
const GRACE_MS = 500;
const RETRY_MS = 50;

const ALTERNATIVE = "give this process another folder or a PostgreSQL server in DATABASE_URL";

/**
 * Keeps a second process from opening the same embedded database, which would damage it. The lock is the operating
 * system's (`flock`), on a file in the folder: it counts for every process on this machine, whatever container it is
 * in, and ends with its holder, however that ends. What the file holds is for the error message alone
 * (docs/decisions/0023-locking-the-embedded-database.md).
 * @param folder has to exist
 * @returns a function that releases the folder
 * @throws ConfigurationError if the folder is locked, by this process or another one, or cannot be locked
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, LOCK_FILE);
  const givenUpAtMs = performance.now() + GRACE_MS;
  let fd = await tryLock(folder, file);
  while (fd === undefined) {
    if (performance.now() > givenUpAtMs) throw await inUse(folder, file);
    await sleep(RETRY_MS);
    fd = await tryLock(folder, file);
  }
  const held = fd;
  describeHolder(held);
  // The file stays: if it were deleted, one process could lock the deleted file, and another one its successor.
  return async () => closeSync(held);
}

/** @returns the descriptor that holds the lock until it is closed; undefined if another one holds it */
async function tryLock(folder: string, file: string): Promise<number | undefined> {
  const exclusive = EXCLUSIVE_OPEN[process.platform];
  let fd: number | undefined;
  try {
    fd = openLockFile(file, exclusive);
    if (fd === undefined || exclusive || (await flock(fd))) return fd;
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw new ConfigurationError(
      `the embedded database ${folder} cannot be locked (${messageOf(error)}): correct that, or ${ALTERNATIVE}`,
      { cause: error },
    );
  }
}

/** A number and no FileHandle, which garbage collection would close. @returns undefined if opening finds it locked */
function openLockFile(file: string, exclusive = 0): number | undefined {
  const nonBlocking = exclusive ? (constants.O_NONBLOCK ?? 0) : 0;
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT | exclusive | nonBlocking);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (exclusive && LOCKED_CODES.includes(code)) return undefined;
    throw error;
  }
}

/**
 * Node has no `flock`, so the command of that name locks our descriptor, which it inherits (flock(1)). The lock belongs to
 * the open file and not to the command: it stays when the command ends, and goes when this process does.
 * @returns whether it is locked; false if another open file holds the lock
 */
function flock(fd: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const command = spawn("flock", ["-n", "3"], { stdio: ["ignore", "ignore", "pipe", fd] });
    let complaint = "";
    command.stderr?.setEncoding("utf8").on("data", (chunk) => {
      complaint += chunk;
    });
    command.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Error("there is no flock command on the PATH: install util-linux or BusyBox")
          : error,
      ),
    );
    command.once("close", (code, signal) => {
      if (code === 0) resolve(true);
      // Both util-linux's and BusyBox's end with 1, and without a word, if the lock is held.
      else if (code === 1 && !complaint) resolve(false);
      else reject(new Error(complaint.trim() || `flock ended with ${signal ?? code}`));
    });
  });
}

const holderSchema = z.object({ pid: z.number(), host: z.string().max(255), since: z.iso.datetime() });

/** A disk that is full keeps no description, and may hold a database all the same. */
function describeHolder(fd: number): void {
  const holder: z.infer<typeof holderSchema> = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
  };
  try {
    ftruncateSync(fd);
    writeSync(fd, `${JSON.stringify(holder)}\n`, 0);
  } catch {
    // The lock holds without it.
  }
}

async function inUse(folder: string, file: string): Promise<ConfigurationError> {
  return new ConfigurationError(
    `the embedded database ${folder} is in use by ${await holderOf(file)}: stop that process, or ${ALTERNATIVE}`,
  );
}

/** The holder, as far as that can be read: on Windows a locked file cannot. */
async function holderOf(file: string): Promise<string> {
  try {
    const { pid, host, since } = holderSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return `process ${pid} on host ${host} since ${since}`;
  } catch {
    return "another process";
  }
}
