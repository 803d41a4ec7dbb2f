import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

it("what runs until a signal takes the place of npm's shell, which would keep the signal to itself", () => {
  const servers = Object.entries(scripts).filter(([, command]) => /bin\/(dev|start)\.[jt]s/.test(command));
  expect(servers.map(([name]) => name)).toEqual(["dev", "start"]);
  for (const [, command] of servers) expect(command).toMatch(/^exec node /);
});

it("Windows' cmd, which has no exec, finds one in the folder that npm runs scripts in", () => {
  expect(readFileSync("exec.cmd", "utf8").trim().split("\n").at(-1)).toBe("@%*");
});
