import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { LOCK_FILE, lockFolder } from "../../../app/lib/db/folder-lock";

const LOCKER = fileURLToPath(new URL("../../support/folder-lock-process.ts", import.meta.url));

let parent: string;
let folder: string;
const lockers: ChildProcess[] = [];
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "libero-lock-"));
  folder = join(parent, "libero");
  mkdirSync(folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const child of lockers.splice(0)) {
    const closed = child.exitCode ?? child.signalCode ?? once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }
  await rm(parent, { recursive: true });
});

/** Locks, tells that it does, and lets go: nothing is in the way. */
const lockAndUnlock = async (path = folder) => (await lockFolder(path))();

/** A process that locks folders as the test asks it to. @param wrapper a command that runs it */
function aLocker([command, ...wrapped]: string[] = []) {
  const args = ["--import", "tsx", LOCKER];
  const [program, argv] = command
    ? [command, [...wrapped, process.execPath, ...args]]
    : [process.execPath, args];
  const child = spawn(program, argv, { stdio: ["pipe", "pipe", "inherit"] });
  lockers.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lockAll = async (paths: string[]) => {
    child.stdin.write(`${JSON.stringify(paths)}\n`);
    return JSON.parse((await lines.next()).value) as { pid: number; refused?: string }[];
  };
  return {
    lockAll,
    /** @returns its process id as it sees it, and why it was refused, if it was */
    lock: async (path = folder) => (await lockAll([path]))[0],
    child,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}

it("holds the folder until it is released, against this process, too", async () => {
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(/is in use by/);
  await unlock();
  await lockAndUnlock();
});

it("another process keeps it; the message says which folder, who holds it and what to do", async () => {
  const other = aLocker();
  expect(await other.lock()).toEqual({ pid: other.child.pid });
  const refused = await lockFolder(folder).catch((error) => error);
  expect(refused).toBeInstanceOf(ConfigurationError);
  expect(refused.message).toMatch(
    new RegExp(
      `^the embedded database ${folder} is in use by process ${other.child.pid} on host ${hostname()} ` +
        "since \\d{4}-\\S+Z: stop that process, or .* DATABASE_URL$",
    ),
  );
});

it("a process that was killed holds nothing: the next one starts at once", async () => {
  const other = aLocker();
  await other.lock();
  await other.kill();
  await lockAndUnlock();
});

it("a process that is suspended still holds it, however long", async () => {
  const other = aLocker();
  await other.lock();
  other.child.kill("SIGSTOP");
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${other.child.pid}`);
});

it("a process that it starts does not inherit the lock", async () => {
  const unlock = await lockFolder(folder);
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  lockers.push(child);
  await once(child, "spawn");
  await unlock();
  await lockAndUnlock();
});

describe("in a container, which is a process id namespace and a mount namespace of its own", () => {
  const namespaces = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
  /** The folder is mounted there under another name, as a volume is. */
  const aContainer = (volume: string) => {
    mkdirSync(volume);
    const script = `mount --bind ${folder} ${volume} && exec "$@"`;
    return aLocker(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script, "sh"]);
  };

  it.skipIf(!namespaces)("a container is kept out by a process, and by another container", async () => {
    const unlock = await lockFolder(folder);
    const [first, second] = [join(parent, "first"), join(parent, "second")];
    const [one, two] = [aContainer(first), aContainer(second)];
    expect(await one.lock(first)).toMatchObject({
      refused: expect.stringContaining(`process ${process.pid} on host`),
    });
    await unlock();
    // Both have the process id 1.
    expect(await one.lock(first)).toEqual({ pid: 1 });
    expect(await two.lock(second)).toEqual({
      pid: 1,
      refused: expect.stringContaining("in use by process 1 on host"),
    });
    await expect(lockFolder(folder)).rejects.toThrow("in use by process 1 on host");
    await one.kill();
    expect(await two.lock(second)).toEqual({ pid: 1 });
  });
});

describe("what is left behind names processes, and blocks none", () => {
  const foreign = () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    lockers.push(child);
    return child.pid as number;
  };
  const owners: [string, () => number][] = [
    ["the first process", () => 1],
    ["a process that lives", foreign],
    ["this process", () => process.pid],
    ["no process", () => 999_999_999],
  ];

  it.each(owners)("a lock file of this version: %s", async (_who, pid) => {
    const holder = { pid: pid(), host: hostname(), since: new Date().toISOString() };
    writeFileSync(join(folder, LOCK_FILE), JSON.stringify(holder));
    const unlock = await lockFolder(folder);
    expect(JSON.parse(readFileSync(join(folder, LOCK_FILE), "utf8"))).toMatchObject({ pid: process.pid });
    await unlock();
  });

  it.each(owners)("a lock file of the version before, beside the folder: %s", async (_who, pid) => {
    writeFileSync(`${folder}.lock`, String(pid()));
    await lockAndUnlock();
  });

  it.each(["", "nonsense", "{}", "null", "x".repeat(100_000)])(
    "a lock file that holds %.20j",
    async (text) => {
      writeFileSync(join(folder, LOCK_FILE), text);
      await lockAndUnlock();
    },
  );
});

it("an error names no holder that cannot be read", async () => {
  const unlock = await lockFolder(folder);
  writeFileSync(join(folder, LOCK_FILE), "nonsense");
  await expect(lockFolder(folder)).rejects.toThrow("in use by another process: stop");
  await unlock();
});

it("of two processes that start at the same moment over a stale lock exactly one gets it, fifty times", async () => {
  const [one, two] = [aLocker(), aLocker()];
  const folders = Array.from({ length: 50 }, (_, n) => join(parent, `race-${n}`));
  for (const path of folders) {
    mkdirSync(path);
    writeFileSync(
      join(path, LOCK_FILE),
      JSON.stringify({ pid: 1, host: "gone", since: "2026-01-01T00:00:00Z" }),
    );
  }
  // Both are loaded, and wait for the first folder.
  await Promise.all([one.lock(folder), two.lock(folder)]);
  const [ones, twos] = await Promise.all([one.lockAll(folders), two.lockAll(folders)]);
  const winners = folders.map(
    (_, n) => [ones[n], twos[n]].filter((answer) => answer && !answer.refused).length,
  );
  expect(winners).toEqual(Array(folders.length).fill(1));
}, 60_000);

it("the same folder by other names has the same lock", async () => {
  const link = join(parent, "link");
  symlinkSync(folder, link);
  const unlock = await lockFolder(folder);
  const names = [`${folder}/`, `${folder}/.`, `${folder}/../libero`, link, `${link}/`];
  const refusals = names.map((name) => expect(lockFolder(name)).rejects.toThrow(/is in use by/));
  await Promise.all(refusals);
  await unlock();
});

const needsCommand = !["darwin", "win32"].includes(process.platform);
it.skipIf(!needsCommand)(
  "says what is missing where there is no flock command, and locks nothing",
  async () => {
    vi.stubEnv("PATH", parent);
    const refused = lockFolder(folder);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(
      `the embedded database ${folder} cannot be locked (there is no flock command on the PATH: install util-linux or BusyBox)`,
    );
  },
);

it("says why a lock file cannot be opened", async () => {
  mkdirSync(join(folder, LOCK_FILE));
  const refused = lockFolder(folder);
  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(/cannot be locked \(EISDIR.*DATABASE_URL/);
});
