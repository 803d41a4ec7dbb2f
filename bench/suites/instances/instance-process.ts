import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { readSession } from "../../libero";
import { answerParent } from "../../measure/child";
import { holdLibero } from "../../measure/held-libero";
import { workThrough } from "../../measure/requests";

/** One instance of Libero, as `bench/libero.ts` opens it, in a process of its own. */

type Seeded = { cookie: string; userId: string };

type Reading = {
  durationMs: number;
  /** Reads in each second; as many as there can be where it is not named. */
  perSecond?: number;
};

/** Readers at a time, so that one that has to ask the database keeps nobody waiting. */
const WORKERS = 32;
/** A reader lets sockets and timers have their turn after so many reads. */
const READS_PER_TURN = 128;
/** Reads at a given pace come in bites, one in so many milliseconds. */
const BITE_MS = 10;

/** While it is watched for, each instance reads sessions of others as well: a light load. */
const READS_BESIDE = 5;
const MOST_WATCHED_MS = 10_000;

const { open, opened, readOne, stop } = holdLibero();
let sessions: Seeded[] = [];

const anyone = () => sessions[Math.floor(Math.random() * sessions.length)] as Seeded;

async function readAtFullSpeed(durationMs: number): Promise<number> {
  const untilMs = performance.now() + durationMs;
  let reads = 0;
  const worker = async () => {
    while (performance.now() < untilMs) {
      for (let made = 0; made < READS_PER_TURN; made++) await readOne(anyone());
      reads += READS_PER_TURN;
      await turn();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return reads;
}

/** What was missed while the machine was busy is made up for. */
async function readAtPace(durationMs: number, perSecond: number): Promise<number> {
  const startedMs = performance.now();
  let reads = 0;
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = performance.now() - startedMs) {
    const due = Math.floor((elapsedMs / 1_000) * perSecond) - reads;
    await Promise.all(Array.from({ length: due }, () => readOne(anyone())));
    reads += due;
    await sleep(BITE_MS);
  }
  return reads;
}

const handlers = {
  async open(given: { url: string; sessions: Seeded[] }): Promise<void> {
    sessions = given.sessions;
    await open({
      DATABASE_URL: given.url,
      SESSION_CACHE_ENTRIES: String(2 * sessions.length),
      SESSION_CACHE_MEGABYTES: "256",
    });
  },
  /** Each session once, so that all are in memory. */
  warmUp: (): Promise<void> => workThrough(sessions, WORKERS, readOne),
  /** Reads sessions picked at random, and checks each. @returns how many in each second */
  async read({ durationMs, perSecond }: Reading): Promise<number> {
    const startedMs = performance.now();
    const reads = await (perSecond === undefined
      ? readAtFullSpeed(durationMs)
      : readAtPace(durationMs, perSecond));
    return (reads / (performance.now() - startedMs)) * 1_000;
  },
  /** Lets a session in once, so that it is in this instance's memory. */
  letIn: (session: Seeded) => readOne(session),
  /** Tries a session about every millisecond. @returns when it was refused, in nanoseconds of the machine's clock */
  async untilRefused({ cookie }: Seeded): Promise<bigint> {
    const limitMs = performance.now() + MOST_WATCHED_MS;
    while (performance.now() < limitMs) {
      if ((await readSession(opened(), cookie)) === undefined) return process.hrtime.bigint();
      for (let read = 0; read < READS_BESIDE; read++) await readOne(anyone());
      await sleep(1);
    }
    throw new Error(`a session that was ended is still let in after ${MOST_WATCHED_MS} ms`);
  },
  /** Ends a session. @returns when that was answered, by the same clock */
  async end({ id, cookie }: Seeded & { id: string }): Promise<bigint> {
    if (!(await opened().store.end(id, "signed_out"))) throw new Error("there was no session to end");
    const answeredNs = process.hrtime.bigint();
    if (await readSession(opened(), cookie)) throw new Error("the instance that ended it still lets it in");
    return answeredNs;
  },
  stop,
};

export type InstanceHandlers = typeof handlers;

answerParent(handlers);
