import type { Answer } from "./balancer";

/** What clients saw. */
export type Findings = {
  answers: Answer[];
  /** Those to browsers that are signed in. */
  pages: Answer[];
  /** Cookies that must open a session to the end. */
  live: Set<string>;
  /** Cookies whose sign-out was answered, and when. */
  ended: Map<string, number>;
  /** Pages that were refused to somebody who is signed in. */
  refused: string[];
  /** Answers to ended ones that let them in. */
  accepted: string[];
  /** Longest time after a sign-out was answered at which a request was sent that was let in all the same. */
  latestAcceptedMs: number;
  hung: number;
};

export const noFindings = (): Findings => ({
  answers: [],
  pages: [],
  live: new Set(),
  ended: new Map(),
  refused: [],
  accepted: [],
  latestAcceptedMs: 0,
  hung: 0,
});

/** Slower than this is late, on a machine that has nothing else to do. */
const LATE_MS = 1_000;
/** ... and so is what takes so many times as long as nearly all answers did before the fault. */
const LATE_TIMES = 3;

/** From when on an answer is late, as this machine is at this time. */
export function lateMs(answersBefore: readonly Answer[]): number {
  const tookMs = answersBefore.map((answer) => answer.tookMs).sort((a, b) => a - b);
  const nearlyAll = tookMs[Math.floor(tookMs.length * 0.95)] ?? 0;
  return Math.max(LATE_MS, LATE_TIMES * nearlyAll);
}

/** Whether the answer is what somebody who is signed in, or signs in or out, gets where nothing is wrong. */
export const isGood =
  (limitMs: number) =>
  ({ status, tookMs }: Answer): boolean =>
    (status === 200 || status === 302) && tookMs < limitMs;

/** Whether no fault excuses the answer. */
export function isError({ status, rude }: Answer): boolean {
  return ![200, 302, 503].includes(status) || rude;
}

/**
 * The time to recover: from the end of the fault (what was paused goes on; what was stopped takes connections again; the
 * new instance is healthy) until the end of the last answer that was no good, a 503 or late, whichever instance gave it
 * and whatever was asked of it. 0 where there was none after that moment.
 */
export function recoveryMs(bad: readonly Answer[], faultEndedMs: number): number {
  return Math.max(0, ...bad.map(({ endedMs }) => endedMs - faultEndedMs));
}

/** The last of what was no good after the fault, for whoever reads why a recovery took so long. */
export function describeBad(bad: readonly Answer[], faultEndedMs: number): string {
  return bad
    .filter(({ endedMs }) => endedMs > faultEndedMs)
    .slice(-20)
    .map(({ path, status, tookMs, endedMs, at }) => {
      const name = path.includes("?") ? "sign-in" : path;
      return `+${Math.round(endedMs - faultEndedMs)} ms: ${status} ${name} in ${Math.round(tookMs)} ms at ${at}`;
    })
    .join("\n");
}
