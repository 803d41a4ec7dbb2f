import type { SuiteResult, Table, Target } from "../../measure/bench";
import { count } from "../../measure/format";
import type { Leak } from "./leak";
import type { PerSession } from "./per-session";
import type { Resident } from "./resident";

type Measured = { perSession: PerSession; resident: Resident; leak: Leak };

/** The tables, targets and figures of what was measured. */
export function report({ perSession, resident, leak }: Measured): SuiteResult {
  return {
    tables: [perSessionTable(perSession), residentTable(resident), leakTable(leak)],
    targets: isLong(leak) ? [leakTarget(leak)] : [],
    charts: [],
    figures: { bytesPerCachedSession: perSession.allBytes, perSession, residentServer: resident, leak },
  };
}

/** Of a shorter run, what the compiler still adds is more than a byte a request. */
const isLong = ({ requests }: Leak) => requests >= 1_000_000;

const leakTarget = ({ bytesPerRequest }: Leak): Target => ({
  what: "memory gained per request over a long run, in bytes",
  bound: 1,
  is: "at most",
  unit: "",
  measured: bytesPerRequest,
});

function perSessionTable(measured: PerSession): Table {
  const { sessions, heapBytes, externalBytes, reservedBytes, allBytes, estimateBytes } = measured;
  return {
    title: "Memory of a session that an instance keeps",
    note:
      `The engine on PostgreSQL, what is in use after a collection with and without ${count(sessions)} sessions, each read once ` +
      "by a cookie of which nothing else is kept. The estimate is the one by which the cache keeps within its megabytes; a session's " +
      "own data comes on top of it, at two bytes a character.",
    head: ["heap", "buffers outside", "places in the cache", "in all", "the cache's estimate"],
    rows: [
      [heapBytes, externalBytes, reservedBytes, allBytes, estimateBytes].map((each) => `${count(each)} B`),
    ],
  };
}

function residentTable({ sessions, wanted, startedMegabytes, oneSession, allSessions }: Resident): Table {
  const fewer = sessions < wanted ? `, fewer than the ${count(wanted)} there was no time for` : "";
  const each = (of: "collectedMegabytes" | "usedMegabytes") =>
    `${count(((allSessions[of] - oneSession[of]) * 2 ** 20) / sessions)} B`;
  const line = (what: string, { megabytes, collectedMegabytes, usedMegabytes }: Resident["oneSession"]) => [
    what,
    ...[megabytes, collectedMegabytes, usedMegabytes].map((value) => mega(value)),
  ];
  return {
    title: "Resident memory of the server",
    note:
      `The production build as the system sees it. Its cache was filled with ${count(sessions)} sessions${fewer}, each by an HTTP request; ` +
      "with a single session it had answered up to 20,000, so that what traffic takes is in both. After a collection V8 " +
      "keeps room for what traffic took, more of it the more is in use; the last column is what is in use, heap and buffers.",
    head: ["", "resident", "after a collection", "in use"],
    rows: [
      ["started", mega(startedMegabytes), "–", "–"],
      line("one session", oneSession),
      line(`${count(sessions)} sessions`, allSessions),
      // Of fewer, what else the process takes and gives back is more than what they take.
      ...(sessions < 10_000
        ? []
        : [["for each session", "", each("collectedMegabytes"), each("usedMegabytes")]]),
    ],
  };
}

function leakTable(leak: Leak): Table {
  const { requests, people, points, bytesPerRequest } = leak;
  const short = isLong(leak)
    ? ""
    : " So short a run cannot tell a leak from code that is still being compiled.";
  return {
    title: "Leak check",
    note:
      `${count(requests)} requests of ${count(people)} people through the cached engine; one request in a hundred signs somebody in or out. ` +
      `Heap and buffers after a collection, from a warm-up on; the slope is of a line through the second half.${short}`,
    head: [...points.map((point) => count(point.requests)), "slope"],
    rows: [
      [
        ...points.map(({ bytes }) => mega(bytes / 2 ** 20, 2)),
        `${bytesPerRequest.toFixed(2).replace("-", "−")} B a request`,
      ],
    ],
  };
}

const mega = (megabytes: number, digits = 0) => `${megabytes.toFixed(digits)} MB`;
