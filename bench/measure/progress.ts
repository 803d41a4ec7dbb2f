/** A suite as the progress line sees it. */
export type Step = { title: string; estimateSeconds: number };

type Finished = { estimateSeconds: number; tookSeconds: number };

/** How long it may still take: the estimates, scaled by how the finished suites compared with theirs. */
export function secondsLeft(finished: Finished[], current: Finished | undefined, ahead: Step[]): number {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const estimated = sum(finished.map(({ estimateSeconds }) => estimateSeconds));
  const scale = estimated > 0 ? sum(finished.map(({ tookSeconds }) => tookSeconds)) / estimated : 1;
  const ofCurrent = current ? Math.max(0, current.estimateSeconds * scale - current.tookSeconds) : 0;
  return ofCurrent + scale * sum(ahead.map(({ estimateSeconds }) => estimateSeconds));
}

export function describeTime(seconds: number): string {
  if (seconds < 1) return "a moment";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** Cut to a terminal's width, so that a line can be written over. */
export function cutTo(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}

type Output = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write">;

const FRAME_MS = 1_000;

/** A line that is written over, once a second as well; where it is no terminal there is none. */
function createLine(output: Output, textNow: () => string) {
  let stopped = false;
  const draw = () => {
    if (!output.isTTY || stopped) return;
    output.write(`\r${cutTo(textNow(), (output.columns || 80) - 1)}\x1b[K`);
  };
  const timer = setInterval(draw, FRAME_MS).unref();
  return {
    draw,
    /** A line that stays. */
    print: (text: string) => output.write(output.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`),
    stop() {
      clearInterval(timer);
      stopped = true;
      if (output.isTTY) output.write("\r\x1b[K");
    },
  };
}

/**
 * Says on one line what is going on and how long it may still take; where it is no terminal, one line a suite.
 * @param steps in the order in which they will run
 */
export function createProgress(output: Output, steps: Step[], now: () => number = () => performance.now()) {
  const finished: Finished[] = [];
  let current: { step: Step; startedMs: number } | undefined;
  let detail = "";

  const left = () => {
    const running = current && {
      estimateSeconds: current.step.estimateSeconds,
      tookSeconds: (now() - current.startedMs) / 1_000,
    };
    return describeTime(
      secondsLeft(finished, running, steps.slice(finished.length + Number(current !== undefined))),
    );
  };
  const headline = () =>
    current ? `[${finished.length + 1}/${steps.length}] ${current.step.title}` : "Preparing";
  const time = () => (steps.length > 0 ? `, ${left()} left` : "");
  const { draw, print, stop } = createLine(output, () => `${headline()}${time()}: ${detail}`);

  return {
    say(what: string) {
      detail = what;
      draw();
    },
    /** The next suite begins. */
    begin() {
      current = { step: steps[finished.length] as Step, startedMs: now() };
      detail = "starts";
      if (!output.isTTY) print(`${headline()}, ${left()} left`);
      draw();
    },
    /** It is over. @returns how long it took, in seconds */
    end(complaint?: string): number {
      if (!current) throw new Error("no suite has begun");
      const { step, startedMs } = current;
      const tookSeconds = (now() - startedMs) / 1_000;
      if (complaint) print(`${headline()} FAILED after ${describeTime(tookSeconds)}: ${complaint}`);
      else if (output.isTTY) print(`${headline()}: ${describeTime(tookSeconds)}`);
      finished.push({ estimateSeconds: step.estimateSeconds, tookSeconds });
      current = undefined;
      return tookSeconds;
    },
    stop,
  };
}
