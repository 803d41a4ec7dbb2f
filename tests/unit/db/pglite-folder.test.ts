import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LOCK_FILE, lockFolder } from "../../../app/lib/db/folder-lock";
import { openPglite } from "../../../app/lib/db/pglite";
import { openingFailure, PGLITE_MAJOR, prepareFolder } from "../../../app/lib/db/pglite-folder";
import { copyEmbedded } from "../../support/embedded-database";
import { silentLogger } from "../../support/silent-logger";

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "libero-folder-"));
  folder = join(parent, "libero");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const open = (path = folder) =>
  openPglite({ folder: path, migrationsFolder: "supabase/migrations", logger: silentLogger });

/** What the start says of the folder: one sentence, with the variable. */
async function complaint(path = folder): Promise<string> {
  const db = open(path);
  const error = await db.migrate().then(
    () => expect.fail("it opened"),
    (thrown) => thrown,
  );
  await db.close();
  expect(error.name).toBe("ConfigurationError");
  expect(error.message).toContain(path);
  expect(error.message).toContain("DATABASE_URL");
  expect(error.message).not.toMatch(/\[object|\n/);
  // It leaves no lock behind, for the next start.
  if (existsSync(join(path, LOCK_FILE))) await (await lockFolder(path))();
  return error.message;
}

async function inUse(path: string): Promise<string> {
  const db = open(path);
  const error = await db.migrate().catch((thrown) => thrown);
  await db.close();
  return String(error?.message);
}

async function openAndClose(path: string): Promise<void> {
  const db = open(path);
  await db.migrate();
  await db.close();
}

describe("a folder that can hold no embedded database", () => {
  it("is a file", async () => {
    writeFileSync(folder, "notes");
    expect(await complaint()).toContain("is a file, not a folder");
  });

  it("is below a file", async () => {
    writeFileSync(folder, "notes");
    expect(await complaint(join(folder, "below"))).toContain("cannot be made (ENOTDIR");
  });

  it("is a symbolic link to nothing", async () => {
    symlinkSync(join(parent, "nowhere"), folder);
    expect(await complaint()).toContain("is a symbolic link to nothing");
  });

  it("is another program's", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine");
    expect(await complaint()).toContain("is not empty, and holds no database");
  });

  it("is that of a PostgreSQL server", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "PG_VERSION"), PGLITE_MAJOR);
    writeFileSync(join(folder, "postmaster.opts"), "postgres -D data");
    expect(await complaint()).toContain("belongs to a PostgreSQL server: name that server (postgres://…)");
  });

  it.each(["15", "99", ""])(
    "was made by another PostgreSQL, or nobody knows by which: %j",
    async (version) => {
      mkdirSync(folder);
      writeFileSync(join(folder, "PG_VERSION"), `${version}\n`);
      expect(await complaint()).toMatch(/was made by PostgreSQL \d+, and the embedded one is 18|is damaged/);
    },
  );
});

it("hidden files and what a file system keeps for itself are no other program's", async () => {
  mkdirSync(join(folder, "lost+found"), { recursive: true });
  writeFileSync(join(folder, ".gitkeep"), "");
  expect(await prepareFolder(folder)).toBe(folder);
});

const errno = (number: number) => ({ name: "ErrnoError", errno: number });

it("Emscripten's errors, which have a number and no words, are put into words", async () => {
  expect((await openingFailure(parent, errno(2))).message).toContain("does not open (permission denied)");
  expect((await openingFailure(parent, errno(77))).message).toContain("does not open (ErrnoError 77)");
});

describe("the folder of a database", { timeout: 60_000 }, () => {
  it("is of the version that we name", async () => {
    await copyEmbedded(folder);
    expect(readFileSync(join(folder, "PG_VERSION"), "utf8").trim()).toBe(PGLITE_MAJOR);
  });

  it.each([
    ["its control file is empty", () => truncateSync(join(folder, "global", "pg_control"), 0)],
    ["its tables are gone", () => rmSync(join(folder, "base"), { recursive: true })],
  ])("does not open where %s", async (_what, damage) => {
    await copyEmbedded(folder);
    damage();
    expect(await complaint()).toMatch(/does not open \(.+\): it is damaged/);
  });

  it("is one and the same however it is written: open by one name, it opens by no other", async () => {
    await copyEmbedded(folder);
    const link = join(parent, "link");
    symlinkSync(folder, link);
    const db = open(link);
    await db.migrate();
    for (const name of [folder, `${folder}/`, `${folder}/.`, relative(process.cwd(), folder), `${link}/.`]) {
      expect(await inUse(name), name).toContain(
        `the embedded database ${folder} is in use by process ${process.pid} `,
      );
    }
    await db.close();
    await openAndClose(`${folder}/.`);
  });

  it("is in use while another process makes it, and not half of a database to be emptied", async () => {
    mkdirSync(folder);
    const unlock = await lockFolder(folder);
    mkdirSync(join(folder, "base"));
    expect(await inUse(folder)).toContain("is in use by process");
    await unlock();
    expect(await complaint()).toContain("holds no database, or half of one");
  });

  it("opens whatever the version before left beside it", async () => {
    await copyEmbedded(folder);
    writeFileSync(`${folder}.lock`, "1");
    await openAndClose(folder);
  });

  it("a folder that is another program's gets no lock file", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine");
    await complaint();
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  const mounts = spawnSync("unshare", ["-m", "true"]).status === 0;
  it.skipIf(!mounts)("is on a file system that is read-only (needs the right to mount)", async () => {
    mkdirSync(folder);
    execFileSync("mount", ["--bind", folder, folder]);
    try {
      execFileSync("mount", ["-o", "remount,ro,bind", folder]);
      expect(await complaint()).toMatch(/cannot be written \(EROFS.*give this process the rights to it/);
    } finally {
      execFileSync("umount", [folder]);
    }
  });

  it.skipIf(!mounts)("is on a disk that is full (needs the right to mount)", async () => {
    const disk = join(parent, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    try {
      expect(await complaint(join(disk, "data"))).toContain("there is no space left on its disk: make room");
    } finally {
      // PGlite keeps files open that it failed over.
      execFileSync("umount", ["--lazy", disk]);
    }
  });

  it.skipIf(process.getuid?.() !== 0)("belongs to another user (needs root, to be another)", () => {
    mkdirSync(folder, { mode: 0o700 });
    execFileSync("chmod", ["755", parent]);
    const script = `import { prepareFolder } from "./app/lib/db/pglite-folder.ts";
      await prepareFolder(process.argv[1]).catch((error) => console.log(error.name, error.message));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script, folder];
    const told = execFileSync(process.execPath, args, { encoding: "utf8", uid: 65_534, gid: 65_534 });
    expect(told).toMatch(/^ConfigurationError .*cannot be written \(EACCES.*DATABASE_URL/);
  });
});
