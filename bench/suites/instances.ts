import type { Suite, SuiteResult } from "../measure/bench";
import type { Servers } from "../servers";
import { type Instances, openInstances } from "./instances/instances";
import { countQueries, type Queries } from "./instances/queries";
import { report } from "./instances/report";
import { type Delays, measureRevocations } from "./instances/revocations";

type Plan = {
  processes: number[];
  sessions: number;
  /** Of them, as many are ended with each number of processes. */
  revocations: number;
  readMs: number;
  /** Queries are counted with so many processes. */
  countedWith: number;
  countMs: number;
};

const QUICK: Plan = {
  processes: [1, 2],
  sessions: 10_000,
  revocations: 50,
  readMs: 500,
  countedWith: 2,
  countMs: 3_000,
};
/** Counted for as long as an entry is believed, so that each session is looked up again once. */
const FULL: Plan = {
  processes: [1, 2, 4],
  sessions: 10_000,
  revocations: 300,
  readMs: 4_000,
  countedWith: 2,
  countMs: 30_000,
};

export type Measured = {
  processes: number;
  readsPerSecond: number;
  delays: Delays | undefined;
  queries: { fullSpeed: Queries; tenth: Queries } | undefined;
};

export const instances: Suite = {
  title: "Several instances on one database",
  seconds: { quick: 14, full: 120 },
  async run({ quick, servers, say }): Promise<SuiteResult> {
    const plan = quick ? QUICK : FULL;
    const measured: Measured[] = [];
    for (const processes of plan.processes) {
      measured.push(await measure(servers, plan, processes, say));
    }
    return report(measured, plan);
  },
};

async function measure(
  servers: Servers,
  plan: Plan,
  processes: number,
  say: (detail: string) => void,
): Promise<Measured> {
  const many = `${processes} process${processes === 1 ? "" : "es"}`;
  say(`${many}: start and warm-up`);
  const counts = { processes, lasting: plan.sessions, ending: processes > 1 ? plan.revocations : 0 };
  const opened = await openInstances(servers, counts);
  try {
    say(`${many}: reads`);
    const readsPerSecond = await readAll(opened, plan.readMs);
    if (processes > 1) say(`${many}: ${plan.revocations} revocations`);
    const delays = processes > 1 ? await measureRevocations(opened, opened.ending) : undefined;
    const counted = processes === plan.countedWith;
    return {
      processes,
      readsPerSecond,
      delays,
      queries: counted ? await count(opened, plan, say) : undefined,
    };
  } finally {
    await opened.close();
  }
}

async function readAll({ children }: Instances, durationMs: number): Promise<number> {
  const each = await Promise.all(children.map((child) => child.ask("read", { durationMs })));
  return each.reduce((sum, one) => sum + one, 0);
}

async function count(opened: Instances, { countMs: durationMs }: Plan, say: (detail: string) => void) {
  say("queries counted at full speed");
  const fullSpeed = await countQueries(opened, { durationMs });
  say("queries counted at a tenth of the reads");
  const tenth = await countQueries(opened, { durationMs, perSecond: fullSpeed.readsPerSecond / 10 });
  return { fullSpeed, tenth };
}
