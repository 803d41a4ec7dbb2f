import { setTimeout as sleep } from "node:timers/promises";
import { median, percentile } from "../../measure/statistics";
import type { Instances, SeededSession } from "./instances";

export type Delays = { revocations: number; p50Ms: number; p99Ms: number; mostMs: number };

/** At random, so that revocations do not keep time with whatever the instances do by themselves. */
const MOST_PAUSE_MS = 8;

/**
 * Sessions that every instance has in its memory are ended, one after the other, each on another instance. A delay is
 * the time from the answer to the one who ended it until the last of the others has refused it.
 */
export async function measureRevocations(
  { children }: Instances,
  sessions: SeededSession[],
): Promise<Delays> {
  const delaysMs: number[] = [];
  for (const [round, session] of sessions.entries()) {
    const ender = children[round % children.length] as Instances["children"][number];
    const others = children.filter((child) => child !== ender);
    for (const child of children) await child.ask("letIn", session);
    const refused = Promise.all(others.map((child) => child.ask("untilRefused", session)));
    // Whoever is not awaited at once still has its failure told.
    refused.catch(() => undefined);
    await sleep(2 + Math.random() * MOST_PAUSE_MS);
    const answeredNs = await ender.ask("end", session);
    const afterMs = (await refused).map((atNs) => Number(atNs - answeredNs) / 1e6);
    // The notice may well be there before the answer is.
    delaysMs.push(Math.max(0, ...afterMs));
  }
  return {
    revocations: delaysMs.length,
    p50Ms: median(delaysMs),
    p99Ms: percentile(delaysMs, 0.99),
    mostMs: Math.max(...delaysMs),
  };
}
