import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { lockFolder } from "../../../app/lib/db/folder-lock";

let parent: string;
let folder: string;
let lock: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "libero-lock-"));
  folder = join(parent, "libero");
  lock = `${folder}.lock`;
});
afterEach(() => rm(parent, { recursive: true }));

const holder = () => readFileSync(lock, "utf8");

it("holds the folder until it is given free", async () => {
  const unlock = await lockFolder(folder);
  expect(holder()).toBe(String(process.pid));
  await unlock();
  expect(existsSync(lock)).toBe(false);
});

it("a slash at the folder's end makes no difference", async () => {
  const unlock = await lockFolder(`${folder}/`);
  expect(holder()).toBe(String(process.pid));
  await unlock();
});

it("another process that lives keeps it, and the message says which and what to do", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(other, "spawn");
  try {
    writeFileSync(lock, String(other.pid));
    const refused = lockFolder(folder);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(
      new RegExp(`${folder} is in use by process ${other.pid}: stop that process, or .* DATABASE_URL`),
    );
    expect(holder()).toBe(String(other.pid));
  } finally {
    other.kill();
    await once(other, "close");
  }
  // Now it is gone, what it left behind is in nobody's way.
  await lockFolder(folder);
  expect(holder()).toBe(String(process.pid));
});

it("a process that ends without giving it free, because something hung, leaves no lock", async () => {
  const script = `
    import { lockFolder } from ${JSON.stringify(new URL("../../../app/lib/db/folder-lock.ts", import.meta.url).href)};
    await lockFolder(${JSON.stringify(folder)});
    process.stdout.write("locked");
    setTimeout(() => process.exit(1), 1);`;
  const other = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  const [printed] = await once(other.stdout, "data");
  expect(String(printed)).toBe("locked");
  await once(other, "close");
  expect(existsSync(lock)).toBe(false);
});

it.each(["", "nonsense", "-1", "0", "999999999"])(
  "a lock that holds %j names no process and is taken over",
  async (text) => {
    writeFileSync(lock, text);
    await lockFolder(folder);
    expect(holder()).toBe(String(process.pid));
  },
);

it("a lock with this process' own id is a former life's, as in a container", async () => {
  writeFileSync(lock, String(process.pid));
  const unlock = await lockFolder(folder);
  await unlock();
  expect(existsSync(lock)).toBe(false);
});
