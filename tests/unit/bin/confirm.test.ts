import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { confirm } from "../../../bin/sessions/confirm";

it.each([
  ["y\n", true],
  ["Yes \n", true],
  ["n\n", false],
  ["\n", false],
  ["yesterday\n", false],
  ["", false],
])("takes %j for %s", async (typed, sure) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = confirm("End all 12 sessions of bodega?", { input, output });
  input.end(typed);
  expect(await answer).toBe(sure);
  expect(String(output.read())).toContain("End all 12 sessions of bodega? [y/N] ");
});
