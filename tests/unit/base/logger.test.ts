import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";

const LOGGER = new URL("../../../app/lib/base/logger.ts", import.meta.url).href;
const SECRETS = ["account", "authorization", "cookie", "password", "secret", "setCookie", "token"];
const FIELDS = JSON.stringify(Object.fromEntries(SECRETS.map((name) => [name, `hunter2-${name}`])));

let output: string;
let errors: string;
/** A process of its own, for the logger writes past whatever a test could put in its way. */
beforeAll(async () => {
  const script = `
    const { createLogger } = await import("${LOGGER}");
    createLogger("silent").error("never");
    const logger = createLogger("info");
    logger.info({ a: 1 }, "one");
    logger.warn("two");
    logger.debug("never");
    logger.info({ ...${FIELDS}, nested: ${FIELDS}, tenantId: "old-oak" }, "three");
    createLogger("warn", "stderr").warn({ token: "hunter2" }, "four");`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const printed = await promisify(execFile)(process.execPath, args);
  output = printed.stdout;
  errors = printed.stderr;
});

const lines = () =>
  output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

it("R29: one JSON object a line, its time in UTC, and nothing of the machine", () => {
  expect(lines().slice(0, 2)).toEqual([
    { level: 30, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), a: 1, msg: "one" },
    { level: 40, time: expect.any(String), msg: "two" },
  ]);
});

it("writes nothing below its level, and silent is silent", () => {
  expect(lines().map(({ msg }) => msg)).toEqual(["one", "two", "three"]);
});

it("R26, R29: fields that could carry a secret are cut, at the top and one level down", () => {
  const { nested, ...line } = lines()[2];
  for (const name of SECRETS) {
    expect(line[name], name).toBe("[cut]");
    expect(nested[name], `nested ${name}`).toBe("[cut]");
  }
  expect(line.tenantId).toBe("old-oak");
  expect(output).not.toContain("hunter2");
});

it("goes to standard error where that is asked for, with the same fields cut", () => {
  expect(JSON.parse(errors)).toEqual({ level: 40, time: expect.any(String), token: "[cut]", msg: "four" });
});
