import { expect, it, vi } from "vitest";
import { createAfterwards } from "../../../app/lib/base/afterwards";

it("a stop waits for what is under way, and for what that begins", async () => {
  const afterwards = createAfterwards({ error: vi.fn() });
  const done: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  afterwards.run("first", async () => {
    await held;
    done.push("first");
    afterwards.run("second", async () => {
      await new Promise(setImmediate);
      done.push("second");
    });
  });
  const settled = afterwards.settled().then(() => done.push("settled"));
  await Promise.resolve();
  expect(done).toEqual([]);
  release();
  await settled;
  expect(done).toEqual(["first", "second", "settled"]);
  await afterwards.settled();
});

it("what fails is in the log, and stops nothing", async () => {
  const error = vi.fn();
  const afterwards = createAfterwards({ error });
  afterwards.run("a mail", () => {
    throw new Error("no server");
  });
  afterwards.run("another", async () => {});
  await afterwards.settled();
  expect(error.mock.calls).toEqual([[{ reason: "no server" }, "failed: a mail"]]);
});
