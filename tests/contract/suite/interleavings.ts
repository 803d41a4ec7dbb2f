import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { SessionStore } from "../../../app/lib/sessions/store";
import { hashSecret, newSecret } from "../../../app/lib/sessions/token";
import { aSession, NOW } from "../../support/examples";
import { RANDOM_RUNS, runCount } from "../../support/run-length";
import { aPatch, seen, type World } from "./world";

const AT_ONCE = 20;
const WORKERS = 4;

/** A run that found something is repeated with the seed that its title names: `INTERLEAVINGS_SEED=… npm test`. */
const SEED = Number(process.env.INTERLEAVINGS_SEED ?? randomInt(2 ** 31));

const step = fc.constantFrom("read", "read fresh", "save", "touch", "rotate", "renew", "end");
type Step = "read" | "read fresh" | "save" | "touch" | "rotate" | "renew" | "end";

/** What four workers do to one session at the same time; one of them ends it somewhere along the way. */
const interleaving = fc.record({
  steps: fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: WORKERS, maxLength: WORKERS }),
  endBy: fc.nat(WORKERS - 1),
  endAfter: fc.nat(2),
});

export function interleavings(world: World, longCount = 10_000) {
  const count = runCount(300, longCount);
  const title = `E3, promise 2: an ended session stays ended: ${count} random interleavings on ${WORKERS} workers (seed ${SEED})`;

  it(title, { timeout: 900_000, tags: [RANDOM_RUNS] }, async () => {
    const runs = fc.sample(interleaving, { seed: SEED, numRuns: count });
    const resurrections: unknown[] = [];
    for (let first = 0; first < runs.length; first += AT_ONCE) {
      const some = runs.slice(first, first + AT_ONCE);
      const found = await Promise.all(some.map((run) => play(world, run)));
      resurrections.push(...found.flat());
    }
    expect(resurrections).toEqual([]);
  });
}

type Run = { steps: string[][]; endBy: number; endAfter: number };

/** Plays one interleaving. @returns what came back from the dead */
async function play(world: World, { steps, endBy, endAfter }: Run): Promise<unknown[]> {
  const given = aSession(world.clientId, { idleTimeoutSeconds: 3_600 });
  const { id } = await world.sessions.create(given);
  let ended = false;
  const endedIn = new Set<SessionStore>();
  const found: unknown[] = [];

  const work = async (todo: Step[], index: number) => {
    const store = world.workers[index % world.workers.length] as SessionStore;
    for (const what of todo) {
      const [endedBefore, endedHere] = [ended, endedIn.has(store)];
      const answered = await take(store, what, id, given.secretHash);
      // Another instance's cache may answer a plain read for some milliseconds more; what asks the store may not.
      const late = endedBefore && (what !== "read" || endedHere);
      if (what !== "end" && answered && late) found.push({ id, what, steps });
      if (what === "end") {
        ended = true;
        endedIn.add(store);
      }
    }
  };
  const plans = steps.map((todo, index) =>
    index === endBy ? [...todo.slice(0, endAfter), "end", ...todo.slice(endAfter)] : todo,
  );
  await Promise.all(plans.map((todo, index) => work(todo as Step[], index)));

  const afterwards = await Promise.all(world.workers.map((store) => store.find(id, { fresh: true })));
  if (afterwards.some(Boolean)) found.push({ id, what: "find at the end", steps });
  await vi.waitFor(async () => {
    const remembered = await Promise.all(world.workers.map((store) => store.find(id)));
    expect(remembered.filter(Boolean)).toEqual([]);
  });
  return found;
}

/** Takes one step. @returns whether it met a session */
async function take(store: SessionStore, what: Step, id: string, from: Buffer): Promise<boolean> {
  switch (what) {
    case "read":
      return (await store.find(id)) !== undefined;
    case "read fresh":
      return (await store.find(id, { fresh: true })) !== undefined;
    case "save":
      return (await store.saveData(seen(id), aPatch({ set: { a: 1 }, overwrite: ["a"] }), NOW)) !== undefined;
    case "touch":
      await store.touch(new Map([[id, NOW + 1]]));
      return false;
    case "rotate": {
      const change = { from, to: hashSecret(newSecret()), graceUntilMs: NOW + 10_000 };
      return store.rotate(seen(id), change, NOW);
    }
    case "renew":
      return (await store.renew(seen(id), NOW + 1, NOW)) !== undefined;
    case "end":
      return store.end(id, "signed_out");
  }
}
