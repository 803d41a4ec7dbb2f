import type { Suite } from "../measure/bench";
import { compareWithCommerce7 } from "./http/against-commerce7";
import { measureCheck, type Plan } from "./http/check-cost";
import { openHouse } from "./http/house";
import { report } from "./http/report";

const QUICK: Plan = { pairs: 3, roundMs: 500, warmUpMs: 100, settleMs: 1_200 };
const FULL: Plan = { pairs: 14, roundMs: 1_200, warmUpMs: 200, settleMs: 4_000 };

export const http: Suite = {
  title: "Per request, over HTTP",
  seconds: { quick: 15, full: 100 },
  async run({ quick, servers, say }) {
    say("the production build starts");
    const house = await openHouse(servers);
    try {
      const pairs = await measureCheck(house, quick ? QUICK : FULL, say);
      return report(pairs, await compareWithCommerce7(house, quick ? 750 : 4_000, say));
    } finally {
      await house.close();
    }
  },
};
