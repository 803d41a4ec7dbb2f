import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Health } from "../base/breaker";

export type { Registry } from "prom-client";

type Sources = {
  /** The stores outside this process, by name. */
  stores: Record<string, () => Health>;
  /** Whether the invalidation channel is open. */
  channelIsOpen: () => boolean;
};

/**
 * What Prometheus is told, in its text format: of the stores, the channel and the process. Everything is read when it
 * is asked for.
 */
export function createMetrics({ stores, channelIsOpen }: Sources): Registry {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["store"];
  const each = (set: (store: string, health: Health) => void) => () => {
    for (const [store, health] of Object.entries(stores)) set(store, health());
  };
  collectDefaultMetrics({ register: registry });

  const up = new Gauge({
    name: "libero_store_up",
    help: "Whether the store answered when it was last asked.",
    labelNames,
    registers,
    collect: each((store, { state }) => up.set({ store }, state === "up" ? 1 : 0)),
  });
  const latency = new Gauge({
    name: "libero_store_latency_seconds",
    help: "How long its last answer took.",
    labelNames,
    registers,
    collect: each((store, { latencyMs }) => {
      if (latencyMs !== null) latency.set({ store }, latencyMs / 1_000);
    }),
  });
  const breaks = new Counter({
    name: "libero_store_breaks_total",
    help: "How often it went out of reach.",
    labelNames,
    registers,
    collect() {
      this.reset();
      each((store, health) => breaks.inc({ store }, health.breaks))();
    },
  });
  const open: Gauge = new Gauge({
    name: "libero_channel_open",
    help: "Whether sessions may be read from memory.",
    registers,
    collect: () => open.set(channelIsOpen() ? 1 : 0),
  });
  return registry;
}
