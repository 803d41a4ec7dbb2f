import type { Bench, Suite } from "../measure/bench";
import { type Compared, compareWithCommerce7 } from "./http/against-commerce7";
import { measureCheck } from "./http/check-cost";
import { type House, openHouse } from "./http/house";
import { report } from "./http/report";

const QUICK = {
  cached: { pairs: 4, settleMs: 1_200 },
  uncached: { pairs: 2, settleMs: 800 },
  commerce7Ms: 500,
};
const FULL = {
  cached: { pairs: 88, settleMs: 4_000 },
  uncached: { pairs: 16, settleMs: 3_000 },
  commerce7Ms: 4_000,
};

export const http: Suite = {
  title: "Per request, over HTTP",
  seconds: { quick: 15, full: 140 },
  async run(bench) {
    const { quick, say } = bench;
    const plan = quick ? QUICK : FULL;
    let compared: Compared[] = [];
    const cached = await inHouse(bench, {}, async (house) => {
      say("/app, with the session check and without in turn");
      const pairs = await measureCheck(house, plan.cached);
      compared = await compareWithCommerce7(house, plan.commerce7Ms, say);
      return pairs;
    });
    const uncached = await inHouse(bench, { SESSION_CACHE_ENTRIES: "0" }, (house) => {
      say("/app, likewise, every session read from PostgreSQL");
      return measureCheck(house, plan.uncached);
    });
    return report({ cached, uncached, compared });
  },
};

async function inHouse<T>(
  { servers, say }: Bench,
  env: Record<string, string>,
  work: (house: House) => Promise<T>,
): Promise<T> {
  say("the production build starts");
  const house = await openHouse(servers, env);
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}
