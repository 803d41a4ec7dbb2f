import { rmSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { ConfigurationError } from "../base/errors";
import { isRunning } from "../base/processes";

/**
 * Keeps a second process from opening the same embedded database, which would damage it. The lock is a file beside
 * the folder that holds this process's id; one left behind by a process that was killed is taken over.
 * @returns a function that gives the folder free
 * @throws ConfigurationError where another process holds the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = `${folder.replace(/[/\\]+$/, "")}.lock`;
  const holder = await holderOf(file);
  if (holder !== undefined) {
    throw new ConfigurationError(
      `the embedded database ${folder} is in use by process ${holder}: stop that process, or give this one another ` +
        `folder or a PostgreSQL server in DATABASE_URL`,
    );
  }
  await rm(file, { force: true });
  await writeFile(file, String(process.pid), { flag: "wx" }).catch((error) => {
    const state =
      error.code === "EEXIST"
        ? "was just opened by another process"
        : "cannot be locked: give this process the right to write beside it, or name another folder in DATABASE_URL";
    throw new ConfigurationError(`the embedded database ${folder} ${state}`, { cause: error });
  });
  // A process that ends without giving it free gives it free all the same.
  const onExit = () => rmSync(file, { force: true });
  process.once("exit", onExit);
  return () => {
    process.off("exit", onExit);
    return rm(file, { force: true });
  };
}

async function holderOf(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  // In a container every start may get the same id: a lock with our own id is a former life's.
  return pid > 0 && pid !== process.pid && isRunning(pid) ? pid : undefined;
}
