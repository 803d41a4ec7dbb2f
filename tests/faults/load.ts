import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Balancer } from "./balancer";
import { WINERIES } from "./house";

const READERS = 24;
const PAUSE_MS = 15;
/** A sign-out reaches the other instances within this time; a request that is sent later must be refused. */
const CHANNEL_MS = 50;
const SIGN_OUT_EVERY_MS = 60;
/** How long a browser that was signed out goes on trying. */
const INSISTS_MS = 1_500;
/** Slower is no recovery. */
const USUAL_MS = 1_000;

type Options = { balancer: Balancer; signInPath: (tenantId: string) => string };

/** What clients saw. */
export type Findings = {
  answers: Answer[];
  /** Those to browsers that are signed in and stay so. */
  pages: Answer[];
  /** Cookies that must open a session to the end. */
  live: Set<string>;
  /** Cookies whose sign-out was answered. */
  ended: Set<string>;
  /** Live ones that were sent away. */
  refused: string[];
  /** Answers to ended ones that let them in. */
  accepted: string[];
  hung: number;
};

/**
 * A steady load: browsers that are signed in and look at pages, one after another; browsers that sign in; and some that
 * sign out, and then go on presenting the cookie that they had.
 */
export async function startLoad({ balancer, signInPath }: Options) {
  const found: Findings = {
    answers: [],
    pages: [],
    live: new Set(),
    ended: new Set(),
    refused: [],
    accepted: [],
    hung: 0,
  };
  let over = false;

  const send = async (path: string, cookie?: string, form?: string) => {
    const answer = await balancer.send(path, cookie ? { cookie } : {}, form).catch(() => {
      found.hung += 1;
      return undefined;
    });
    if (answer) found.answers.push(answer);
    return answer;
  };
  const signIn = async (tenantId = WINERIES.coming) => {
    const answer = await send(signInPath(tenantId));
    return answer?.status === 302 ? answer.setCookie : undefined;
  };
  const untilSignedIn = async () => {
    for (;;) {
      const cookie = await signIn(WINERIES.staying);
      if (cookie) return cookie;
      await sleep(50);
    }
  };
  const read = async (cookie: string) => {
    const answer = await send("/app", cookie);
    if (answer && found.live.has(cookie)) found.pages.push(answer);
    if (answer?.status === 302) found.refused.push(`${answer.at} at ${Math.round(answer.sentMs)}`);
  };
  const readOn = async (cookie: string) => {
    while (!over) {
      await read(cookie);
      await sleep(PAUSE_MS);
    }
  };
  /** Signs in, looks around, signs out for certain, and insists. */
  const comeAndGo = async () => {
    const cookie = await signIn();
    if (!cookie) return;
    for (let look = 0; look < 4; look += 1) await read(cookie);
    let out: Answer | undefined;
    // A sign-out that was answered 503, or not at all, may have been done or not: whoever pressed it presses again.
    while (out?.status !== 302) {
      out = await send("/logout", cookie, "");
      if (out?.status !== 302) await sleep(100);
    }
    const endedMs = performance.now();
    found.ended.add(cookie);
    while (performance.now() - endedMs < INSISTS_MS) {
      const answer = await send("/app", cookie);
      if (answer?.status === 200 && answer.sentMs > endedMs + CHANNEL_MS) {
        found.accepted.push(
          `${answer.at}, sent ${Math.round(answer.sentMs - endedMs)} ms after the sign-out`,
        );
      }
      await sleep(PAUSE_MS);
    }
  };

  const first = await Promise.all(Array.from({ length: READERS }, untilSignedIn));
  for (const cookie of first) found.live.add(cookie);
  found.answers.length = 0;
  const running: Promise<unknown>[] = first.map(readOn);
  const coming = (async () => {
    while (!over) {
      running.push(comeAndGo());
      // Some come and stay.
      running.push(signIn().then((cookie) => cookie && found.live.add(cookie)));
      await sleep(SIGN_OUT_EVERY_MS);
    }
  })();

  return {
    found,
    async stop() {
      over = true;
      await coming;
      await Promise.all(running);
    },
  };
}

/** Whether the answer is what somebody who is signed in, or signs in or out, gets where nothing is wrong. */
export function isGood({ status, tookMs }: Answer): boolean {
  return (status === 200 || status === 302) && tookMs < USUAL_MS;
}

/** Milliseconds from the end of the fault until the last answer that was late, or no good; 0 where there is none. */
export function recoveryMs(answers: readonly Answer[], faultEndedMs: number): number {
  const bad = answers.filter((answer) => !isGood(answer)).map(({ sentMs, tookMs }) => sentMs + tookMs);
  return Math.max(0, ...bad.map((endMs) => endMs - faultEndedMs));
}
