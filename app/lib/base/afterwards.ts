import { messageOf } from "./errors";
import type { Logger } from "./logger";

/** Work that an answer does not wait for, and the end of the process does. */
export interface Afterwards {
  /** Begins the work. Where it fails, the log says so. Never throws. */
  run(what: string, work: () => Promise<void>): void;
  /** When nothing is under way any more. */
  settled(): Promise<void>;
}

export function createAfterwards(logger: Pick<Logger, "error">): Afterwards {
  const underWay = new Set<Promise<void>>();
  return {
    run(what, work) {
      const done: Promise<void> = Promise.resolve()
        .then(work)
        .catch((error) => logger.error({ reason: messageOf(error) }, `failed: ${what}`))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
