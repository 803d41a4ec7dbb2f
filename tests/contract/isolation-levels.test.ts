import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aClient, aSession, NOW } from "../support/examples";
import { openIsolated, STRICTER_LEVELS } from "./isolation";
import { ending } from "./suite/ending";
import { aPatch, seen, type World } from "./suite/world";

/** What fails first where calls run at the level that the database has by default; the long form has the whole suite. */
describe.each(STRICTER_LEVELS)("default_transaction_isolation = %s", (isolation) => {
  const world = {} as World;
  beforeAll(async () => {
    // As the driver has it: where calls are made again after a conflict, few would be seen.
    Object.assign(world, await openIsolated(isolation));
  });
  beforeEach(async () => {
    await world.reset();
    world.clientId = (await world.clients.install(aClient("old-oak"))).id;
  });
  afterAll(() => world.close());

  it("E2: forty saves to one session at once, on three instances, all succeed at the first try", async () => {
    const { id } = await world.sessions.create(aSession(world.clientId));
    const saves = Array.from({ length: 40 }, (_, n) =>
      world.workers[n % world.workers.length]?.saveData(seen(id), aPatch({ set: { [`key ${n}`]: n } }), NOW),
    );
    expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(40);
    expect(Object.keys((await world.sessions.find(id))?.session.data ?? {})).toHaveLength(40);
  });

  ending(world);
});
