import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createActivityRecorder } from "../../../app/lib/sessions/activity";
import { recordingLogger } from "./support";

/** A store's `touch` that keeps what it was given, and fails or waits where a test says so. */
function openRecorder() {
  const writes: Record<string, number>[] = [];
  const outcomes: (Error | Promise<void>)[] = [];
  const logger = recordingLogger();
  const store = {
    async touch(activity: ReadonlyMap<string, number>) {
      writes.push(Object.fromEntries(activity));
      const outcome = outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      await outcome;
    },
  };
  return { recorder: createActivityRecorder({ store, logger }), writes, outcomes, logger };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("A5: what is noted reaches the table within a second, and nothing is written before", async () => {
  const { recorder, writes } = openRecorder();
  recorder.note("a", 10);
  await vi.advanceTimersByTimeAsync(999);
  expect(writes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(writes).toEqual([{ a: 10 }]);
});

it("A5: one write a second for all sessions together, each with its newest time", async () => {
  const { recorder, writes } = openRecorder();
  for (let atMs = 1; atMs <= 500; atMs += 1) recorder.note(`session-${atMs % 3}`, atMs);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writes).toEqual([{ "session-0": 498, "session-1": 499, "session-2": 500 }]);
});

it("requests all the time make one write a second", async () => {
  const { recorder, writes } = openRecorder();
  for (let atMs = 0; atMs < 10_000; atMs += 10) {
    recorder.note("a", atMs + 1);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(writes).toHaveLength(10);
});

it("nothing noted, nothing written", async () => {
  const { recorder, writes } = openRecorder();
  await recorder.flush();
  recorder.note("a", 10);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(writes).toEqual([{ a: 10 }]);
});

it("what is written once is not written again", async () => {
  const { recorder, writes } = openRecorder();
  recorder.note("a", 10);
  await recorder.flush();
  recorder.note("b", 20);
  await recorder.flush();
  expect(writes).toEqual([{ a: 10 }, { b: 20 }]);
});

it("the newest time wins, in whatever order requests end", async () => {
  const { recorder, writes } = openRecorder();
  recorder.note("a", 20);
  recorder.note("a", 10);
  await recorder.flush();
  expect(writes).toEqual([{ a: 20 }]);
});

it("R31: a failed write is kept, told of, and written with the next one", async () => {
  const { recorder, writes, outcomes, logger } = openRecorder();
  outcomes.push(new Error("the database does not answer"));
  recorder.note("a", 10);
  recorder.note("b", 10);
  await vi.advanceTimersByTimeAsync(1_000);
  recorder.note("b", 15);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writes).toEqual([
    { a: 10, b: 10 },
    { a: 10, b: 15 },
  ]);
  expect(logger.lines).toMatchObject([
    { level: "warn", fields: { sessions: 2, reason: "the database does not answer" } },
  ]);
});

it("R31: a write that failed late does not undo what was noted meanwhile", async () => {
  const { recorder, writes, outcomes } = openRecorder();
  let fail: (error: Error) => void = () => {};
  outcomes.push(
    new Promise<void>((_resolve, reject) => {
      fail = reject;
    }),
  );
  recorder.note("a", 10);
  await vi.advanceTimersByTimeAsync(1_000);
  recorder.note("a", 20);
  fail(new Error("timed out"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writes).toEqual([{ a: 10 }, { a: 20 }]);
});

it("it goes on trying while the store is away, once a second", async () => {
  const { recorder, writes, outcomes } = openRecorder();
  outcomes.push(...Array.from({ length: 5 }, () => new Error("away")));
  recorder.note("a", 10);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(writes).toEqual(Array.from({ length: 6 }, () => ({ a: 10 })));
});

it("when the process stops, what is noted is written at once, after a write under way", async () => {
  const { recorder, writes, outcomes } = openRecorder();
  let finish = () => {};
  outcomes.push(
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  recorder.note("a", 10);
  await vi.advanceTimersByTimeAsync(1_000);
  recorder.note("a", 20);
  const flushed = vi.fn();
  const flushing = recorder.flush().then(flushed);
  await vi.advanceTimersByTimeAsync(0);
  expect(writes).toEqual([{ a: 10 }]);
  expect(flushed).not.toHaveBeenCalled();
  finish();
  await flushing;
  expect(writes).toEqual([{ a: 10 }, { a: 20 }]);
});

it("the flush at the stop leaves no timer behind", async () => {
  const { recorder } = openRecorder();
  recorder.note("a", 10);
  await recorder.flush();
  expect(vi.getTimerCount()).toBe(0);
});

it("tells when a session was noted, until that is written", async () => {
  const { recorder, outcomes } = openRecorder();
  let finish = () => {};
  outcomes.push(new Error("read-only"), new Promise<void>((resolve) => (finish = resolve)));
  expect(recorder.notedAt("a")).toBe(0);
  recorder.note("a", 10);
  expect(recorder.notedAt("a")).toBe(10);
  await recorder.flush();
  expect(recorder.notedAt("a")).toBe(10);
  const written = recorder.flush();
  expect(recorder.notedAt("a")).toBe(10);
  finish();
  await written;
  expect(recorder.notedAt("a")).toBe(0);
});
