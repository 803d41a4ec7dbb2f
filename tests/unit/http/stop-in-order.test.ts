import { expect, it } from "vitest";
import { stopInOrder } from "../../../app/lib/http/stop-in-order";
import { recordingLogger } from "../sessions/support";

const nothing = async () => {};
const never = () => new Promise<never>(() => {});

function stopping(parts: Partial<Parameters<typeof stopInOrder>[0]>) {
  const logger = recordingLogger();
  const steps = { before: nothing, drain: { run: async () => 0 }, after: nothing, logger, ...parts };
  return { stopped: stopInOrder({ ...steps, drainMs: 20, stopMs: 40 }), logger };
}

it("goes one step after another, and says nothing", async () => {
  const steps: string[] = [];
  const step = (name: string) => async () => void steps.push(name);
  const run = async (limitMs: number) => steps.push(`drain ${limitMs}`) * 0;
  const { stopped, logger } = stopping({ before: step("before"), drain: { run }, after: step("after") });
  expect(await stopped).toBe(true);
  expect(steps).toEqual(["before", "drain 20", "after"]);
  expect(logger.lines).toEqual([]);
});

it.each([
  ["requests that had to be cut off", { drain: { run: async () => 2 } }, "requests cut off after 20 ms: 2"],
  [
    "a closing that hangs",
    { after: never },
    "closing took longer than 40 ms in all: late activity may be missing",
  ],
  ["a step before that hangs", { before: never }, expect.stringContaining("longer than 40 ms")],
  [
    "a closing that fails",
    { after: () => Promise.reject(new Error("the disk is full")) },
    "closing failed: the disk is full",
  ],
])("%s: not in order, and the log says what", async (_what, parts, cutShort) => {
  const { stopped, logger } = stopping(parts);
  expect(await stopped).toBe(false);
  expect(logger.lines).toEqual([
    { level: "warn", fields: { cutShort: [cutShort] }, message: "stopped, but not in order" },
  ]);
});
