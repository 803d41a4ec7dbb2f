import type { Suite } from "./measure/bench";
import type { SuiteName } from "./options";

/** Where each suite is. Loaded one by one: what one imports slows no other down. */
const LOADERS: Record<SuiteName, () => Promise<Suite>> = {
  requests: async () => (await import("./suites/requests")).requests,
  http: async () => (await import("./suites/http")).http,
  growth: async () => (await import("./suites/growth")).growth,
  writes: async () => (await import("./suites/writes")).writes,
  cleanup: async () => (await import("./suites/cleanup")).cleanup,
  instances: async () => (await import("./suites/instances")).instances,
  memory: async () => (await import("./suites/memory")).memory,
};

export const loadSuite = (name: SuiteName) => LOADERS[name]();
