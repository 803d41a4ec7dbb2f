import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createBreaker } from "../../../app/lib/base/breaker";
import { isUnavailable, UnavailableError } from "../../../app/lib/base/errors";
import { held, recordingLogger } from "../sessions/support";

const START = new Date("2026-11-20T08:00:00Z").getTime();

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => vi.useRealTimers());

function open() {
  const logger = recordingLogger();
  const breaker = createBreaker({
    name: "the well",
    meanwhile: "the barrel is used",
    isOutage: isUnavailable,
    failures: 3,
    retryAfterMs: 500,
    logger,
  });
  const asked = vi.fn();
  const fail = () =>
    breaker.run(async () => {
      asked();
      throw new UnavailableError("dry");
    });
  const answer = () =>
    breaker.run(async () => {
      asked();
      return "water";
    });
  const failTimes = async (times: number) => {
    for (let time = 0; time < times; time += 1) await expect(fail()).rejects.toThrow("dry");
  };
  return { breaker, logger, asked, fail, answer, failTimes };
}

it("lets everything through while it works", async () => {
  const { answer, breaker, logger } = open();
  expect(await answer()).toBe("water");
  expect(breaker.health()).toEqual({ state: "up", sinceMs: START, latencyMs: expect.any(Number), breaks: 0 });
  expect(logger.lines).toEqual([]);
});

it("opens after so many failures in a row, and then nothing is asked", async () => {
  const { answer, asked, breaker, failTimes } = open();
  await failTimes(2);
  await answer();
  await failTimes(2);
  expect(breaker.health().state).toBe("up");
  vi.setSystemTime(START + 1_000);
  await failTimes(1);
  expect(breaker.health()).toMatchObject({ state: "down", sinceMs: START + 1_000, breaks: 1 });
  const before = asked.mock.calls.length;
  await expect(answer()).rejects.toMatchObject({
    name: "UnavailableError",
    unasked: true,
    message: "the well is out of reach: dry",
  });
  expect(asked).toHaveBeenCalledTimes(before);
});

it("what it answered, even if no, is no failure", async () => {
  const { breaker } = open();
  for (let time = 0; time < 10; time += 1) {
    await expect(breaker.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  }
  expect(breaker.health().state).toBe("up");
});

it("half-open, it lets one probe through, and nobody waits for that", async () => {
  const { answer, asked, breaker, failTimes } = open();
  await failTimes(3);
  vi.setSystemTime(START + 500);
  const well = held<string>();
  const probe = breaker.run(() => well.promise);
  const before = asked.mock.calls.length;
  await expect(answer()).rejects.toThrow("out of reach");
  expect(asked).toHaveBeenCalledTimes(before);
  well.resolve("water");
  expect(await probe).toBe("water");
  expect(await answer()).toBe("water");
  expect(breaker.health()).toMatchObject({ state: "up", sinceMs: START + 500, breaks: 1 });
});

it("what may be abandoned is given up when it opens, and nothing else", async () => {
  const { breaker, failTimes } = open();
  const [read, write] = [held<string>(), held<string>()];
  const reading = breaker.run(() => read.promise, { abandon: true });
  const writing = breaker.run(() => write.promise);
  await failTimes(2);
  const both = expect(reading).rejects.toMatchObject({
    message: "the well is out of reach: dry",
    unasked: false,
  });
  await failTimes(1);
  await both;
  write.resolve("done");
  read.resolve("too late");
  expect(await writing).toBe("done");
});

it("logs one line when it goes down and one when it is back, whatever fails in between", async () => {
  const { answer, fail, failTimes, logger } = open();
  await failTimes(3);
  for (let probe = 1; probe <= 5; probe += 1) {
    vi.setSystemTime(START + probe * 500);
    await expect(fail()).rejects.toThrow("dry");
    await expect(fail()).rejects.toThrow("out of reach");
  }
  vi.setSystemTime(START + 3_000);
  await answer();
  expect(logger.lines).toEqual([
    { level: "warn", fields: { reason: "dry" }, message: "the well is out of reach: the barrel is used" },
    { level: "info", fields: { downSeconds: 3 }, message: "the well is back" },
  ]);
});
