import { describe, expect, it } from "vitest";
import { createProgress, cutTo, describeTime, secondsLeft } from "../../../bench/measure/progress";
import { isWhole, readOptions, SUITE_NAMES } from "../../../bench/options";

describe("the command line", () => {
  it("runs all suites, at full length, unless told otherwise", () => {
    expect(readOptions([])).toEqual({ quick: false, cpuProf: false, only: SUITE_NAMES });
    expect(isWhole(readOptions([]))).toBe(true);
  });

  it("takes some of them, in the order in which they run", () => {
    expect(readOptions(["--quick", "--only", "http, requests"])).toMatchObject({
      quick: true,
      only: ["requests", "http"],
    });
  });

  it.each([["--quick"], ["--cpu-prof"], ["--only", "http"]])(
    "what %s measures does not stand for the project",
    (...args) => {
      expect(isWhole(readOptions(args))).toBe(false);
    },
  );

  it.each([["--fast"], ["requests"], ["--only", "https"], ["--only", ""], ["--only"], ["--quick=no"]])(
    "refuses %s",
    (...args) => {
      expect(() => readOptions(args)).toThrow();
    },
  );
});

describe("the time left", () => {
  const ahead = [{ title: "next", estimateSeconds: 100 }];

  it("is the estimates', as long as nothing is known", () => {
    expect(secondsLeft([], { estimateSeconds: 50, tookSeconds: 20 }, ahead)).toBe(130);
  });

  it("is scaled by how the finished suites compared with theirs", () => {
    const finished = [{ estimateSeconds: 10, tookSeconds: 20 }];
    expect(secondsLeft(finished, { estimateSeconds: 50, tookSeconds: 20 }, ahead)).toBe(280);
  });

  it("is never negative for a suite that takes longer than it should", () => {
    expect(secondsLeft([], { estimateSeconds: 5, tookSeconds: 60 }, ahead)).toBe(100);
  });

  it("is told in round figures", () => {
    expect([0.2, 42.4, 600].map(describeTime)).toEqual(["a moment", "42 s", "10 min"]);
  });
});

describe("the progress", () => {
  function progressOn(isTTY: boolean) {
    const written: string[] = [];
    let nowMs = 0;
    const output = { isTTY, columns: 40, write: (text: string) => written.push(text) > 0 };
    const steps = ["one", "two"].map((title) => ({ title, estimateSeconds: 10 }));
    const progress = createProgress(output, steps, () => nowMs);
    const pass = (seconds: number) => {
      nowMs += seconds * 1_000;
    };
    return { progress, written, pass };
  }

  it("is one line on a terminal, written over and never wider than it", () => {
    const { progress, written } = progressOn(true);
    progress.begin();
    progress.say("a contender with a very long name: round 1 of 5");
    progress.stop();
    expect(written.join("")).not.toContain("\n");
    const lines = written.map((text) => text.replace(/^\r/, "").replace("\x1b[K", ""));
    expect(Math.max(...lines.map((line) => line.length))).toBe(39);
    expect(lines.at(-2)).toMatch(/^\[1\/2\] one, 20 s left: a contender.*…$/);
  });

  it("is a line a suite elsewhere, and one more for a failure", () => {
    const { progress, written, pass } = progressOn(false);
    progress.say("builds");
    progress.begin();
    pass(20);
    expect(progress.end()).toBe(20);
    progress.begin();
    progress.end("no port");
    progress.stop();
    expect(written).toEqual([
      "[1/2] one, 20 s left\n",
      "[2/2] two, 20 s left\n",
      "[2/2] two FAILED after a moment: no port\n",
    ]);
  });

  it("cuts between characters", () => {
    expect(cutTo("λλλλ", 3)).toBe("λλ…");
    expect(cutTo("λλλ", 3)).toBe("λλλ");
  });
});
