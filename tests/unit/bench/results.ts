import type { Chart, Target } from "../../../bench/measure/bench";
import type { Results } from "../../../bench/report/results";

export const target = (parts: Partial<Target> = {}): Target => ({
  what: "as fast as another",
  bound: 10,
  is: "at least",
  unit: "×",
  measured: 12.34,
  ...parts,
});

export const chart: Chart = {
  title: "Requests per second",
  unit: "requests/s",
  bars: [
    { name: "Libero, with cache", value: 216_000, ours: true },
    { name: "Peer <A> & sons", value: 3_450, ours: false },
    { name: "Libero, over supabase-js", value: 410, ours: true },
  ],
};

/** Of a run of one suite. */
export function results({
  targets = [target()],
  figures = {},
}: {
  targets?: Target[];
  figures?: Record<string, unknown>;
} = {}): Results {
  return {
    date: "2026-11-21T10:00:00.000Z",
    commit: "abc1234",
    mode: "full",
    machine: {
      cpu: "a CPU",
      cores: 2,
      memoryGigabytes: 8,
      os: "Linux",
      node: "20.19.0",
      postgres: "18.4",
      redis: null,
    },
    suites: [
      {
        name: "requests",
        title: "Per request",
        tookSeconds: 12,
        result: {
          tables: [
            {
              title: "Speeds",
              note: "Higher is better.",
              head: ["who", "per second"],
              rows: [["Libero | cached", "216,000/s"]],
            },
          ],
          targets,
          charts: [chart],
          figures,
        },
      },
      { name: "http", title: "Over HTTP", tookSeconds: 1, failed: "Error: no port\n    at somewhere" },
    ],
  };
}
