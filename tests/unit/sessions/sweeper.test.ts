import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startSweeper } from "../../../app/lib/sessions/cleanup";
import type { SweepResult } from "../../../app/lib/sessions/directory";
import { held, recordingLogger } from "./support";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const swept = (deleted: number, deletedEvents = 0): SweepResult => ({
  outcome: "swept",
  deleted,
  deletedEvents,
});

/** A sweeper over a store that answers what it is told, then that there was nothing to do. */
function openSweeper({ random = 0.5, answers = [] as (SweepResult | Error | Promise<SweepResult>)[] } = {}) {
  const sweeps: number[] = [];
  const asked: [batch: number, retentionDays: number][] = [];
  const started = Date.now();
  const logger = recordingLogger();
  const sweep = async (batch: number, retentionDays: number): Promise<SweepResult> => {
    sweeps.push(Date.now() - started);
    asked.push([batch, retentionDays]);
    const answer = answers.shift() ?? swept(0);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const stop = startSweeper({ store: { sweep }, logger, eventRetentionDays: 90, random: () => random });
  return { sweeps, asked, logger, stop };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each([
  [0, [0, 0.8 * HOUR, 1.6 * HOUR]],
  [0.5, [0.5 * MINUTE, 0.5 * MINUTE + HOUR, 0.5 * MINUTE + 2 * HOUR]],
  [0.999, [0.999 * MINUTE, 0.999 * MINUTE + 1.1996 * HOUR]],
])("A9: within a minute of the start, then every hour ± 20 %% (chance %d)", async (random, expected) => {
  const { sweeps, stop } = openSweeper({ random });
  await vi.advanceTimersByTimeAsync(2.3 * HOUR);
  expect(sweeps.map((at) => Math.round(at / 100))).toEqual(expected.map((at) => Math.round(at / 100)));
  await stop();
});

it("instances spread out by chance where nothing else is said", async () => {
  const starts: number[] = [];
  const logger = recordingLogger();
  const sweep = async (): Promise<SweepResult> => {
    starts.push(Date.now());
    return { outcome: "busy", deleted: 0, deletedEvents: 0 };
  };
  const stops = Array.from({ length: 50 }, () =>
    startSweeper({ store: { sweep }, logger, eventRetentionDays: 90 }),
  );
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(starts).toHaveLength(50);
  expect(new Set(starts).size).toBeGreaterThan(20);
  for (const stop of stops) await stop();
});

it("A9: sweeps on while bites are full, and tells how many were deleted", async () => {
  const { sweeps, logger, stop } = openSweeper({ answers: [swept(1_000), swept(1_000), swept(7)] });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(sweeps).toHaveLength(3);
  expect(logger.lines).toEqual([
    { level: "info", fields: { deleted: 2_007 }, message: "expired sessions deleted" },
  ]);
  await stop();
});

it("R36: old events are swept with them, in bites too, as long as the history is kept, and silently", async () => {
  const { asked, logger, stop } = openSweeper({ answers: [swept(0, 1_000), swept(0, 1_000), swept(0, 999)] });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(asked).toEqual(Array.from({ length: 3 }, () => [1_000, 90]));
  expect(logger.lines).toEqual([]);
  await stop();
});

it("R31: what was swept before a failure is not swept again at once, nor told of", async () => {
  const { sweeps, logger, stop } = openSweeper({ answers: [swept(1_000), new Error("away")] });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(sweeps).toHaveLength(2);
  expect(logger.lines).toMatchObject([{ level: "warn", fields: { reason: "away" } }]);
  await stop();
});

it.each(["busy", "scheduled"] as const)(
  "leaves it to whoever else does it (%s), silently",
  async (outcome) => {
    const { sweeps, logger, stop } = openSweeper({ answers: [{ outcome, deleted: 0, deletedEvents: 0 }] });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(sweeps).toHaveLength(1);
    expect(logger.lines).toEqual([]);
    await stop();
  },
);

it("R31: a store that fails is told of, and the next sweep comes as if nothing had been", async () => {
  const { sweeps, logger, stop } = openSweeper({ answers: [new Error("away")] });
  await vi.advanceTimersByTimeAsync(MINUTE + HOUR);
  expect(sweeps).toEqual([0.5 * MINUTE, 0.5 * MINUTE + HOUR]);
  expect(logger.lines).toMatchObject([{ level: "warn", fields: { reason: "away" } }]);
  await stop();
});

it("D7: sweeps other things after it, each in bites, whatever became of the one before", async () => {
  const logger = recordingLogger();
  const answers = [1_000, 5];
  const bites: string[] = [];
  const http = {
    sweep: async (batch: number) => {
      bites.push(`http ${batch}`);
      return { deleted: answers.shift() ?? 0 };
    },
  };
  const failing = { sweep: async () => Promise.reject(new Error("away")) };
  const store = { sweep: failing.sweep };
  const others = [failing, http];
  const stop = startSweeper({ store, others, logger, eventRetentionDays: 90, random: () => 0 });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(bites).toEqual(["http 1000", "http 1000"]);
  expect(logger.lines).toMatchObject([
    { level: "warn", fields: { reason: "away" } },
    { level: "warn", fields: { reason: "away" } },
    { level: "info", fields: { deleted: 1_005 } },
  ]);
  await stop();
});

it("stopped before its first sweep, it never sweeps", async () => {
  const { sweeps, stop } = openSweeper();
  await stop();
  await vi.advanceTimersByTimeAsync(5 * HOUR);
  expect(sweeps).toEqual([]);
});

it("stopping waits for the sweep under way, and no other follows", async () => {
  let finish = (_result: SweepResult) => {};
  const underWay = new Promise<SweepResult>((resolve) => {
    finish = resolve;
  });
  const { sweeps, stop } = openSweeper({ answers: [underWay] });
  await vi.advanceTimersByTimeAsync(MINUTE);
  const stopped = vi.fn();
  const stopping = stop().then(stopped);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(stopped).not.toHaveBeenCalled();
  finish(swept(1));
  await stopping;
  await vi.advanceTimersByTimeAsync(5 * HOUR);
  expect(sweeps).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("stopping between two bites, it takes no more, however much is left", async () => {
  const bite = held<SweepResult>();
  const { sweeps, stop } = openSweeper({ answers: [bite.promise, swept(1_000), swept(1_000)] });
  await vi.advanceTimersByTimeAsync(MINUTE);
  const stopped = stop();
  bite.resolve(swept(1_000));
  await stopped;
  expect(sweeps).toHaveLength(1);
});

describe("E9: rests after a bite nine times as long as it took, that nobody notices it", () => {
  /** Bites that take so long each, and when they began. */
  function openSlow(answers: SweepResult[], biteMs: number) {
    const began: number[] = [];
    const sweep = async (): Promise<SweepResult> => {
      began.push(Date.now());
      await new Promise((done) => setTimeout(done, biteMs));
      return answers.shift() ?? swept(0);
    };
    const logger = recordingLogger();
    const stop = startSweeper({ store: { sweep }, logger, eventRetentionDays: 90, random: () => 0 });
    return { began, stop };
  }
  const apart = (began: number[]) => began.slice(1).map((at, n) => at - (began[n] as number));

  it.each([
    [2, 20],
    [16, 160],
    [2_000, 20_000],
    [6_000, 60_000],
  ])("a bite of %i ms: the next begins %i ms after it", async (biteMs, expected) => {
    const { began, stop } = openSlow([swept(1_000), swept(0, 1_000), swept(3)], biteMs);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(apart(began)).toEqual([expected, expected]);
    await stop();
  });

  it("but never longer than a minute: a machine may have slept in a bite", async () => {
    const { began, stop } = openSlow([swept(1_000), swept(3)], 10 * MINUTE);
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    expect(apart(began)).toEqual([11 * MINUTE]);
    await stop();
  });

  it("stopped while it rests, it is over at once, and takes no more", async () => {
    const { began, stop } = openSlow([swept(1_000), swept(1_000)], 1_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(began).toHaveLength(1);
    await stop();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(5 * HOUR);
    expect(began).toHaveLength(1);
  });
});
