import { median, percentile } from "../../measure/statistics";
import { type House, PAGE } from "./house";
import { load } from "./load";
import type { Pair } from "./server-process";

export const CONNECTIONS = 32;

export type Plan = { pairs: number; settleMs: number };

/** So short that whatever else the machine does meets both of a pair, so long that it holds many pages. */
const SLICE_MS = 500;
/** The load lasts a little longer than what is measured of it. */
const LEAD_OUT_MS = 500;

/**
 * Under a load that does not stop, the server checks sessions for half a second and checks nothing for the next.
 * @throws where a page was not what it should be
 */
export async function measureCheck(
  { server, page, cookies }: House,
  { pairs, settleMs }: Plan,
): Promise<Pair[]> {
  const slicedMs = 2 * pairs * SLICE_MS;
  const durationMs = settleMs + slicedMs + LEAD_OUT_MS;
  const loading = load({ url: page, cookies, connections: CONNECTIONS, as: { durationMs }, expect: PAGE });
  loading.catch(() => undefined);
  // Both ways in turn while the code is being compiled, of which nothing counts.
  await server.ask("alternate", { pairs: 2, sliceMs: settleMs / 4 });
  const measured = await server.ask("alternate", { pairs, sliceMs: SLICE_MS });
  await loading;
  return measured;
}

export const cpuUsOf = ({ cpuUs, pages }: Pair["session"]) => cpuUs / pages;
export const perSecondOf = ({ pages, elapsedMs }: Pair["session"]) => (pages / elapsedMs) * 1_000;

/** What the check adds, in percent, pair by pair: the median, the middle half, and the extremes. */
export function costOf(pairs: Pair[], of: (pair: Pair) => number) {
  const percents = pairs.map(of);
  return {
    medianPercent: median(percents),
    quarterPercent: percentile(percents, 0.25),
    threeQuartersPercent: percentile(percents, 0.75),
    leastPercent: Math.min(...percents),
    mostPercent: Math.max(...percents),
  };
}
