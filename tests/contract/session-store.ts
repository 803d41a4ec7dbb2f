import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { aClient } from "../support/examples";
import type { StoresUnderTest } from "../support/stores";
import { activity } from "./suite/activity";
import { creating } from "./suite/create";
import { data } from "./suite/data";
import { directory } from "./suite/directory";
import { ending } from "./suite/ending";
import { interleavings } from "./suite/interleavings";
import { rotation } from "./suite/rotation";
import type { World } from "./suite/world";

/**
 * What every session store promises: the comments of `app/lib/sessions/store.ts` and `directory.ts`, as tests.
 * Whoever writes a store calls this with a way to open it, and is done when it is green.
 */
export function describeSessionStore(
  name: string,
  open: () => Promise<StoresUnderTest>,
  { longInterleavings = 10_000 } = {},
) {
  describe(`session store: ${name}`, () => {
    const world = {} as World;
    beforeAll(async () => {
      Object.assign(world, await open());
    });
    beforeEach(async () => {
      await world.reset();
      world.clientId = (await world.clients.install(aClient("old-oak"))).id;
    });
    afterAll(() => world.close());

    creating(world);
    activity(world);
    data(world);
    rotation(world);
    ending(world);
    directory(world);
    interleavings(world, longInterleavings);
  });
}
