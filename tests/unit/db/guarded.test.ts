import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Unavailability, UnavailableError } from "../../../app/lib/base/errors";
import type { Database } from "../../../app/lib/db/database";
import { guardDatabase } from "../../../app/lib/db/guarded";
import { recordingLogger } from "../sessions/support";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A database whose writes fail as long as a test says how. */
function open() {
  const state: { failure: Unavailability | undefined; asked: string[] } = { failure: undefined, asked: [] };
  const db = {
    kind: "postgres",
    async call(name: string, _args: unknown, options?: { readOnly?: boolean }) {
      state.asked.push(name);
      const fails = state.failure === "outage" || (state.failure && !options?.readOnly);
      if (fails) throw new UnavailableError("it says no", { kind: state.failure });
      return [];
    },
  } as unknown as Database;
  const logger = recordingLogger();
  const guarded = guardDatabase(db, logger);
  const settled = async (call: Promise<unknown>) => {
    const outcome = call.then(
      () => "done",
      (error) => error,
    );
    await vi.advanceTimersByTimeAsync(3_000);
    return outcome;
  };
  return {
    state,
    guarded,
    logger,
    write: () => settled(guarded.call("write")),
    writeAtOnce: () =>
      guarded.call("write").then(
        () => "done",
        (error) => error,
      ),
    read: () =>
      guarded.call("read", {}, { readOnly: true }).then(
        () => "done",
        (error) => error,
      ),
  };
}

it("a read-only database refuses writes at once, once one has found out; it is read meanwhile", async () => {
  const { state, guarded, writeAtOnce, read } = open();
  state.failure = "read-only";
  const first = writeAtOnce();
  await vi.advanceTimersByTimeAsync(500);
  expect(await first).toMatchObject({ kind: "read-only", unasked: false });
  expect(state.asked).toEqual(["write", "write"]);
  expect(await writeAtOnce()).toMatchObject({ name: "UnavailableError", kind: "read-only", unasked: true });
  expect(state.asked).toHaveLength(2);
  expect(await read()).toBe("done");
  expect([guarded.writes().state, guarded.health().state]).toEqual(["down", "up"]);
});

it("a write a second finds out that it can be written to again; the log has a line for either change", async () => {
  const { state, guarded, write, logger } = open();
  state.failure = "read-only";
  await write();
  await write();
  state.failure = undefined;
  expect(await write()).toBe("done");
  expect(guarded.writes().state).toBe("up");
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    [
      "warn",
      "write access to the database is out of reach: the database is read-only; sessions are read, and other requests fail with 503",
    ],
    ["info", "write access to the database is back"],
  ]);
});

it("a probe that the database does not answer says nothing about writing", async () => {
  const { state, guarded, write } = open();
  state.failure = "read-only";
  await write();
  state.failure = "outage";
  expect(await write()).toMatchObject({ kind: "outage" });
  expect(guarded.writes().state).toBe("down");
});

it.each(["conflict", "failed"] as const)(
  "%s: however often a call fails by itself, others are made",
  async (kind) => {
    const { state, guarded, write, read } = open();
    state.failure = kind;
    for (let time = 0; time < 5; time += 1) expect(await write()).toMatchObject({ kind });
    expect([guarded.writes().state, guarded.health().state]).toEqual(["up", "up"]);
    expect(await read()).toBe("done");
  },
);

it("an outage concerns all calls", async () => {
  const { state, guarded, read } = open();
  state.failure = "outage";
  for (let time = 0; time < 3; time += 1) await read();
  expect(guarded.health().state).toBe("down");
  expect(guarded.writes().state).toBe("up");
});
