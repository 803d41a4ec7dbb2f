import { setTimeout as sleep } from "node:timers/promises";
import type { Wiring } from "../../../app/lib/wiring.server";
import { readSession } from "../../libero";
import { percentile } from "../../measure/statistics";
import { cookieOf, userId, usersAmong } from "../../sql/numbered-sessions";
import { tick } from "./ticks";

export const PER_SECOND = 500;

/** Look-ups are counted by what goes on when they are due; `between` counts for nothing. */
export type Phase = "idle" | "busy" | "between";

export type LookUps = ReturnType<typeof startLookUps>;

/** Look-ups of live sessions at a steady rate, from the moment that each was due: a stall counts for all it delays. */
export function startLookUps(libero: Wiring, sessions: number, isLive: (n: number) => boolean) {
  const latenciesUs = { idle: [] as number[], busy: [] as number[], between: [] as number[] };
  const failed = { idle: 0, busy: 0, between: 0 };
  let phase: Phase = "between";
  let wrong = 0;
  let open = 0;
  const pick = () => {
    for (;;) {
      const n = Math.floor(Math.random() * sessions);
      if (isLive(n)) return n;
    }
  };
  const lookUp = async (dueNs: bigint) => {
    const dueIn = phase;
    const n = pick();
    open += 1;
    try {
      if ((await readSession(libero, cookieOf(n))) !== userId(n % usersAmong(sessions))) wrong += 1;
    } catch {
      failed[dueIn] += 1;
    }
    latenciesUs[dueIn].push(Number(process.hrtime.bigint() - dueNs) / 1_000);
    open -= 1;
  };
  const stopTicks = tick(PER_SECOND, (dueNs) => void lookUp(dueNs));
  return {
    /** From now on look-ups belong to this phase. */
    enter: (next: Phase) => {
      phase = next;
    },
    /** @throws where a look-up was answered wrongly */
    async stop() {
      await stopTicks();
      while (open > 0) await sleep(5);
      if (wrong > 0) throw new Error(`${wrong} look-ups of live sessions were answered wrongly`);
      return summaryOf(latenciesUs, failed);
    },
  };
}

function summaryOf(latenciesUs: Record<Phase, number[]>, failed: Record<Phase, number>) {
  const at = (of: Phase, share: number) => percentile(latenciesUs[of], share);
  return {
    idleLookUps: latenciesUs.idle.length,
    busyLookUps: latenciesUs.busy.length,
    idleFailed: failed.idle,
    busyFailed: failed.busy,
    idleP50Us: at("idle", 0.5),
    busyP50Us: at("busy", 0.5),
    idleP99Us: at("idle", 0.99),
    busyP99Us: at("busy", 0.99),
    busyMaxUs: at("busy", 1),
    p99Ratio: at("busy", 0.99) / at("idle", 0.99),
  };
}
