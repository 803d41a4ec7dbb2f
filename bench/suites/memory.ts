import type { Suite } from "../measure/bench";
import { measureLeak } from "./memory/leak";
import { measurePerSession } from "./memory/per-session";
import { report } from "./memory/report";
import { measureResident } from "./memory/resident";

const QUICK = {
  sessions: 10_000,
  resident: { wanted: 5_000, fillMs: 1_500 },
  leak: { requests: 100_000, people: 100, waitMs: 200 },
};
const FULL = {
  sessions: 100_000,
  resident: { wanted: 100_000, fillMs: 300_000 },
  leak: { requests: 1_000_000, people: 1_000, waitMs: 1_200 },
};

export const memory: Suite = {
  title: "Memory",
  seconds: { quick: 13, full: 200 },
  async run({ quick, servers, say }) {
    const { sessions, resident, leak } = quick ? QUICK : FULL;
    // At the same time, in processes of their own: bytes do not depend on how busy the machine is.
    const [perSession, residentServer, leaked] = await Promise.all([
      measurePerSession(servers, sessions, say),
      measureResident(servers, resident, say),
      measureLeak(servers, leak, say),
    ]);
    return report({ perSession, resident: residentServer, leak: leaked });
  },
};
