import { answerParent } from "../measure/child";
import { makeRequests, type Round, readAll } from "../measure/requests";
import type { Servers } from "../servers";
import { type Contender, checkContender } from "./contender";
import { type ContenderKey, loadContender } from "./registry";

let contender: Contender;

const handlers = {
  async open({ key, servers, sessionCount }: { key: ContenderKey; servers: Servers; sessionCount: number }) {
    contender = await (await loadContender(key))(servers, sessionCount);
    await checkContender(contender);
    return { name: contender.name, kind: contender.kind };
  },
  /** Whoever has a cache that runs out fills it before the round, untimed, and nobody's garbage of before counts. */
  async run(round: Round) {
    if (contender.refills) await readAll(contender);
    globalThis.gc?.();
    return makeRequests(contender, round);
  },
  close: () => contender?.close(),
};

export type ContenderHandlers = typeof handlers;

answerParent(handlers);
