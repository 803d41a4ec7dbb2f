import { type Contender, checkContender, type OpenContender } from "../contenders/contender";
import { bareHmac, barePgSelect, barePipelinedSelect } from "../contenders/floors";
import {
  liberoCached,
  liberoPglite,
  liberoRedis,
  liberoSupabase,
  liberoUncached,
} from "../contenders/libero";
import type { Suite } from "../measure/bench";
import { measureRounds } from "../measure/rounds";

const OPENERS: OpenContender[] = [
  liberoCached,
  liberoUncached,
  liberoSupabase,
  liberoPglite,
  bareHmac,
  barePgSelect,
  barePipelinedSelect,
];
const WITH_REDIS: OpenContender[] = [liberoRedis];

export const requests: Suite = {
  title: "Per request, engine level",
  seconds: { quick: 40, full: 240 },
  async run({ quick, servers, say }) {
    const contenders: Contender[] = [];
    for (const open of [...OPENERS, ...(servers.redis ? WITH_REDIS : [])]) {
      const contender = await open(servers, quick ? 1_000 : 10_000);
      say(contender.name);
      await checkContender(contender);
      contenders.push(contender);
    }
    const options = { rounds: quick ? 3 : 5, roundMs: quick ? 200 : 1_000, say };
    const many = await measureRounds(contenders, { ...options, concurrency: 32 });
    const one = await measureRounds(contenders, { ...options, concurrency: 1 });
    for (const contender of contenders) await contender.close();
    return { tables: [], charts: [], targets: [], figures: { many, one } };
  },
};
