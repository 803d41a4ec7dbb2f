import { expect, it } from "vitest";
import { APP_SESSIONS, type Entry } from "../../../app/lib/session-stores/redis-kinds";
import type { RedisStamps } from "../../../app/lib/session-stores/redis-stamps";
import { createRedisTrust } from "../../../app/lib/session-stores/redis-trust";
import { aStored } from "../sessions/support";

/** What cannot be brought about with a real Redis at will: moments within one of its answers, and very many of them. */
function aTrust(whileDrawing = () => {}) {
  let [drawn, breaks] = [0, 0];
  const next = async () => {
    drawn += 1;
    whileDrawing();
    return drawn;
  };
  const stamps: RedisStamps = { next, newest: async () => drawn, mark: next, newestMark: async () => 0 };
  const trust = createRedisTrust({
    kind: APP_SESSIONS,
    link: { breaks: () => breaks } as never,
    entries: { remove: async () => {} },
    stamps,
    channel: { epoch: () => 1 },
  });
  const believing = async () => {
    trust.stamp();
    await trust.settled();
    return trust.stamp();
  };
  return {
    trust,
    believing,
    breakOff: () => {
      breaks += 1;
    },
  };
}

const anEntry = (stamp: number): Entry => ({ stamp, stored: aStored() });

it("E3: a stamp that was drawn while the connection broke is none", async () => {
  let breaking = true;
  const world = aTrust(() => {
    if (breaking) world.breakOff();
    breaking = false;
  });
  expect(await world.believing()).toBeUndefined();
  expect(await world.believing()).toBe(2);
});

it("E3: where there are more marks than are kept, nothing from before is believed", async () => {
  const { trust, believing } = aTrust();
  const stamp = (await believing()) as number;
  expect(trust.accepts(anEntry(stamp))).toBe(true);
  for (let user = 0; user < 100_000; user += 1)
    await trust.forget({ clientId: "another", userId: `user ${user}` });
  expect(trust.accepts(anEntry(stamp))).toBe(true);
  await trust.forget({ clientId: "another", userId: "one more" });
  expect(trust.accepts(anEntry(stamp))).toBe(false);
  const later = (await believing()) as number;
  expect([trust.accepts(anEntry(stamp)), trust.accepts(anEntry(later))]).toEqual([false, true]);
});
