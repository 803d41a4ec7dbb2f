import { setTimeout as sleep } from "node:timers/promises";
import { headerOf } from "../../browser";
import { readSession } from "../../libero";
import { answerParent } from "../../measure/child";
import { holdLibero } from "../../measure/held-libero";
import { workThrough } from "../../measure/requests";

/** Libero's engine in a process whose garbage can be collected on demand, so that what is left is what it keeps. */

/** `externalBytes` are outside the heap; array buffers are among them. */
export type LiveBytes = { heapBytes: number; externalBytes: number; arrayBufferBytes: number };

type Seeded = { cookie: string; userId: string };

/** So few that they keep every connection of the pool busy: one that comes or goes would be taken for a leak. */
const WORKERS = 4;
/** Of so many requests one is a sign-in or a sign-out, in turn. */
const REQUESTS_PER_CHANGE = 100;

const { open, opened, readOne, stop } = holdLibero();
/** Who is signed in while requests come; their number stays as it is. */
const people: Seeded[] = [];
let changes = 0;

/** Somebody who signs out meanwhile may be let in or not. */
async function readAnyone(): Promise<void> {
  const person = people[Math.floor(Math.random() * people.length)] as Seeded;
  const userId = await readSession(opened(), person.cookie);
  if (userId !== person.userId && people.includes(person)) throw new Error("another session was read");
}

/** One signs out, whose cookie opens nothing from then on, and at the next call another signs in. */
async function change(clientId: string): Promise<void> {
  changes += 1;
  if (changes % 2 === 0) return signIn(clientId, `user-in-${changes}`);
  const [leaving] = people.splice(Math.floor(Math.random() * people.length), 1) as [Seeded];
  await opened().sessions.destroy(leaving.cookie);
  if (await opened().sessions.read(leaving.cookie)) throw new Error("whoever signed out is still let in");
}

async function signIn(clientId: string, userId: string): Promise<void> {
  const user = { id: userId, name: "Jason Andres", email: `${userId}@winery.test`, role: "Admin Owner" };
  const { setCookie } = await opened().sessions.start({ clientId, user, data: { theme: "light" } });
  people.push({ cookie: headerOf(setCookie), userId });
}

const handlers = {
  open,
  /** Reads each session once by its cookie, of which nothing is kept here. */
  fill: (sessions: Seeded[]) => workThrough(sessions, WORKERS, readOne),
  /** Signs so many in, for the requests to come. */
  signIn: ({ clientId, count }: { clientId: string; count: number }) =>
    workThrough(Array(count).keys(), WORKERS, (index) => signIn(clientId, `user-${index}`)),
  /** So many requests of whoever is signed in, with people who come and go. */
  requests: ({ clientId, count }: { clientId: string; count: number }) =>
    workThrough(Array(count).keys(), WORKERS, (index) =>
      index % REQUESTS_PER_CHANGE === 0 ? change(clientId) : readAnyone(),
    ),
  /** What is in use once all else was collected, after a wait for what is still to be written. */
  async liveBytes(waitMs: number): Promise<LiveBytes> {
    await sleep(waitMs);
    // Twice, with a turn between: what finalizers let go of in the first collection is gone in the second.
    globalThis.gc?.();
    await sleep(20);
    globalThis.gc?.();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return { heapBytes: heapUsed, externalBytes: external, arrayBufferBytes: arrayBuffers };
  },
  stop,
};

export type EngineHandlers = typeof handlers;

answerParent(handlers);
