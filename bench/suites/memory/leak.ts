import { installClient } from "../../libero";
import type { Servers } from "../../servers";
import { withEngine } from "./engine";

export type Leak = {
  requests: number;
  people: number;
  /** What was in use after so many requests: heap and buffers. */
  points: { requests: number; bytes: number }[];
  /** Of a line through the points of the second half. */
  bytesPerRequest: number;
};

type Plan = { requests: number; people: number; waitMs: number };

const CHECKS = 10;

/** Requests of people who come and go, and what is left after a collection, ten times on the way. */
export function measureLeak(
  servers: Servers,
  { requests, people, waitMs }: Plan,
  say: (detail: string) => void,
): Promise<Leak> {
  const options = { cacheEntries: 2 * people, install: installClient };
  return withEngine(servers, options, async ({ child, clientId }) => {
    await child.ask("signIn", { clientId, count: people });
    say("leak check: warm-up");
    await child.ask("requests", { clientId, count: requests / CHECKS });
    const points: Leak["points"] = [];
    const share = requests / CHECKS;
    for (let check = 1; check <= CHECKS; check++) {
      say(`leak check: ${check * share} of ${requests} requests`);
      await child.ask("requests", { clientId, count: share });
      const { heapBytes, externalBytes } = await child.ask("liveBytes", waitMs);
      points.push({ requests: check * share, bytes: heapBytes + externalBytes });
    }
    return { requests, people, points, bytesPerRequest: slope(points.slice(CHECKS / 2 - 1)) };
  });
}

/** Least squares. */
function slope(points: Leak["points"]): number {
  const mean = (of: (point: Leak["points"][number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean(({ requests }) => requests);
  const y = mean(({ bytes }) => bytes);
  const covariance = mean(({ requests, bytes }) => (requests - x) * (bytes - y));
  return covariance / mean(({ requests }) => (requests - x) ** 2);
}
