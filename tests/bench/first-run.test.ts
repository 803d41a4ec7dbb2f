import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeFreshClone } from "../support/fresh-clone";

const TIMEOUT_MS = 360_000;

it("the first benchmark run in a fresh clone installs what it needs, and measures", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { folder, remove } = await makeFreshClone();
  onTestFinished(remove);
  expect(existsSync(join(folder, "bench/node_modules"))).toBe(false);
  // As a user's shell has it: what vitest sets (NODE_ENV) would reach the build.
  const { PATH, HOME, TMPDIR } = process.env;
  const bench = spawnSync("npm", ["run", "bench", "--", "--quick", "--only", "writes"], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR } as unknown as NodeJS.ProcessEnv,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  expect(bench.stderr).not.toContain("Cannot find package");
  expect(bench.stdout).not.toContain("FAILED");
  expect(bench.status, bench.stderr).toBe(0);
});
