import { median, percentile } from "../../measure/statistics";
import { type House, PAGE } from "./house";
import { load } from "./load";
import type { Pair } from "./server-process";

export const CONNECTIONS = 32;

/** An even number of pairs. */
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
  return inBlocks(measured);
}

/**
 * Two pairs as one, in the order with, without, without, with: pages that are under way when a slice ends weigh less.
 * @throws where a machine was so busy that there was no page in a whole block
 */
function inBlocks(pairs: Pair[]): Pair[] {
  const blocks: Pair[] = [];
  for (let first = 0; first + 1 < pairs.length; first += 2) {
    const [one, other] = pairs.slice(first, first + 2) as [Pair, Pair];
    const block = { session: sum(one.session, other.session), nothing: sum(one.nothing, other.nothing) };
    if (block.session.pages === 0 || block.nothing.pages === 0) throw new Error("no page came in a second");
    blocks.push(block);
  }
  return blocks;
}

const sum = (one: Pair["session"], other: Pair["session"]): Pair["session"] => ({
  pages: one.pages + other.pages,
  cpuUs: one.cpuUs + other.cpuUs,
  elapsedMs: one.elapsedMs + other.elapsedMs,
});

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
