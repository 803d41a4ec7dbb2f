import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Answer } from "./balancer";
import { describeBad, type Findings, isError, isGood, lateMs, recoveryMs } from "./findings";
import type { House } from "./house";
import { startLoad } from "./load";
import { keepRow } from "./table";

const BEFORE_MS = 1_000;
/** No fault may be felt for longer after it is over, on a machine that may be busy with other things. */
const RECOVERY_MS = 10_000;
const QUIET_MS = 1_500;
/** What happens in an instant is felt for longer; and a share of a few pages would say nothing. */
const FELT_MS = 1_000;

/** Lets the fault happen under load, and finds that nothing was lost by it. */
export async function survives(house: House, fault: string, happen: () => Promise<void>): Promise<void> {
  const load = await startLoad(house);
  const { found } = load;
  await sleep(BEFORE_MS);
  const limitMs = lateMs(found.answers);
  const isWell = isGood(limitMs);
  const beganMs = performance.now();
  await happen();
  const endedMs = performance.now();
  await untilQuiet(found.answers, isWell, endedMs);
  await load.stop();
  const lost = await whoIsLost(house, found);

  const bad = found.answers.filter((answer) => !isWell(answer));
  const row = { ...rowOf(found, beganMs, endedMs), recoveryMs: recoveryMs(bad, endedMs), lateMs: limitMs };
  const errors = found.answers.filter(isError);
  keepRow({ fault, ...row, lost: lost.length + found.refused.length, errors: errors.length });

  const { refused, accepted, hung } = found;
  const wrong = { lost, refused, accepted, errors, hung, unanswered: house.balancer.lost };
  expect(wrong).toEqual({ lost: [], refused: [], accepted: [], errors: [], hung: 0, unanswered: [] });
  expect(found.ended.size).toBeGreaterThan(5);
  expect(row.recoveryMs, describeBad(bad, endedMs)).toBeLessThan(RECOVERY_MS);
  // Whoever is signed in hardly notices: most of their pages are answered, whatever is away.
  expect(row.answered).toBeGreaterThan(50);
}

/** Goes on until everything has been well for a moment, or does not get well. */
async function untilQuiet(answers: readonly Answer[], isWell: (answer: Answer) => boolean, endedMs: number) {
  const isQuiet = () => {
    const sinceMs = performance.now() - QUIET_MS;
    return sinceMs > endedMs && answers.filter((answer) => answer.endedMs > sinceMs).every(isWell);
  };
  while (performance.now() - endedMs < RECOVERY_MS + QUIET_MS && !isQuiet()) await sleep(50);
}

/** What can be told without trying the cookies once more. */
function rowOf({ answers, pages, accepted, latestAcceptedMs }: Findings, beganMs: number, endedMs: number) {
  const feltMs = Math.max(endedMs, beganMs + FELT_MS);
  const during = pages.filter(({ sentMs }) => sentMs >= beganMs && sentMs < feltMs);
  return {
    accepted: accepted.length,
    answered: share(during.filter(({ status }) => status === 200).length, during.length),
    unavailable: answers.filter(({ status }) => status === 503).length,
    requests: answers.length,
    slowestMs: Math.max(0, ...answers.map(({ tookMs }) => tookMs)),
    latestAcceptedMs,
  };
}

/** Tries every cookie once more at every instance. @returns the live ones that are not let in */
async function whoIsLost({ apps, balancer }: House, { live, ended, accepted }: Findings): Promise<string[]> {
  const lost: string[] = [];
  const statusAt = async (url: string, cookie: string) =>
    (await balancer.sendTo(url, "/app", { cookie })).status;
  await Promise.all(
    apps.map(async ({ url }) => {
      for (const cookie of live) {
        const status = await statusAt(url, cookie);
        if (status !== 200) lost.push(`${status} at ${url}`);
      }
      for (const cookie of ended.keys()) {
        if ((await statusAt(url, cookie)) === 200) accepted.push(`${url}, in the end`);
      }
    }),
  );
  return lost;
}

const share = (part: number, whole: number) => (whole === 0 ? 100 : (100 * part) / whole);
