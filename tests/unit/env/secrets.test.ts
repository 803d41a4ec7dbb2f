import { expect, it } from "vitest";
import { envOf, faultLines } from "./support";

const NEW = `${"n".repeat(20)}-0123456789abcdef`;
const OLD = `${"o".repeat(20)}-0123456789abcdef`;

it("R33: several secrets are kept in their order, white space around them left out", () => {
  expect(envOf({ SESSION_SECRET: `${NEW}, ${OLD}` }).sessionSecrets).toEqual([NEW, OLD]);
});

it("a secret of exactly 32 characters is long enough", () => {
  expect(envOf({ SESSION_SECRET: "x".repeat(32) }).sessionSecrets).toEqual(["x".repeat(32)]);
});

it("METRICS_TOKEN: sixteen characters are enough", () => {
  expect(envOf({ METRICS_TOKEN: "x".repeat(16) }).metricsToken).toBe("x".repeat(16));
});

it.each([
  ["one character short", "x".repeat(31)],
  ["a short one among long ones", `${NEW},short`],
  ["a comma too many", `${NEW},`],
  ["short ones that are long together", `${"a".repeat(20)},${"b".repeat(20)}`],
])("%s is refused in development too, and the mend is a command", (_what, secret) => {
  expect(faultLines({ SESSION_SECRET: secret })).toEqual([
    expect.stringMatching(/^SESSION_SECRET: .*at least 32 characters.*node -e "console\.log\(require/),
  ]);
});
