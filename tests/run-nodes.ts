import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { build, exitWith, projects, run, scratch, type Tally, vitest } from "./runs";

/** Every Node that Libero supports, from npm; the one that runs this has `npm test`. */
const VERSIONS = ["20", "22", "24"].filter((version) => !process.version.startsWith(`v${version}.`));

/** What runs on each: everything that needs neither minutes nor a browser, and starting the build. */
const PROJECTS = projects("unit", "database", "routes", "integration");
const FILES = ["tests/unit/", "tests/contract/", "tests/routes/", "tests/integration/start.test.ts"];

/** `npm run test:nodes`: the build and the unit, contract and route suites on every Node that Libero supports. */
exitWith(...VERSIONS.map(testOn));

function testOn(version: string): Tally {
  const env = { PATH: `${installNode(version)}${delimiter}${process.env.PATH}` };
  const { stdout } = spawnSync("node", ["--version"], { env: { ...process.env, ...env }, encoding: "utf8" });
  if (!stdout.startsWith(`v${version}.`)) throw new Error(`wanted Node ${version}, and got ${stdout}`);
  process.stdout.write(`\nOn Node ${stdout}`);
  build(env);
  return vitest([...PROJECTS, ...FILES], { env });
}

/** @returns the folder that holds `node` */
function installNode(version: string): string {
  const folder = join(scratch, `node-${version}`);
  mkdirSync(folder);
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  if (!run("npm", ["install", "--prefix", folder, ...flags, `node@${version}`])) {
    throw new Error(`npm could not install Node ${version}`);
  }
  return join(folder, "node_modules", "node", "bin");
}
