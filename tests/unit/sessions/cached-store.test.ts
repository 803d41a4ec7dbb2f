import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY, openStores, type Stores, UNKNOWN } from "./cached-store-support";
import { jason, START } from "./support";

let stores: Stores;
beforeEach(async () => {
  stores = await openStores();
});

describe("reading", () => {
  it("E4: asks the store once, and answers from memory while the channel is alive", async () => {
    const { cached, asked, session } = stores;
    const first = await cached.find(session.id);
    expect(first?.session.id).toBe(session.id);
    expect(await cached.find(session.id)).toBe(first);
    expect(asked).toHaveLength(1);
  });

  it("E4: asks the store every time while the channel is not known to be alive", async () => {
    const { channel, asked, session, cached } = stores;
    await cached.find(session.id);
    channel.state.epoch = undefined;
    for (let time = 0; time < 3; time += 1) await cached.find(session.id);
    expect(asked).toHaveLength(4);
  });

  it("E3, E4: what was read without a channel is not kept for when there is one", async () => {
    const { channel, session, cached, isKept } = stores;
    channel.state.epoch = undefined;
    await cached.find(session.id);
    channel.state.epoch = 1;
    expect(await isKept()).toBe(false);
  });

  it("E3, E4: opens empty after the channel broke", async () => {
    const { channel, isKept } = stores;
    await isKept();
    channel.state.epoch = 2;
    expect(await isKept()).toBe(false);
    expect(await isKept()).toBe(true);
  });

  it("fresh asks the store whatever is kept, and tells it to ask where the truth is", async () => {
    const { cached, sessions, asked, session, isKept } = stores;
    await isKept();
    await sessions.end(session.id, "operator");
    expect(await cached.find(session.id, { fresh: true })).toBeUndefined();
    expect(asked.at(-1)).toEqual([session.id, { fresh: true }]);
  });

  it("without fresh said, or with it denied, memory will do", async () => {
    const { cached, asked, session } = stores;
    await cached.find(session.id, { fresh: false });
    await cached.find(session.id, {});
    expect(asked).toHaveLength(1);
  });

  it("R4: an unknown session is asked for every time", async () => {
    const { cached, asked } = stores;
    expect(await cached.find(UNKNOWN)).toBeUndefined();
    expect(await cached.find(UNKNOWN)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it("R31: a store that does not answer is the caller's to know", async () => {
    const { cached, store, session } = stores;
    store.find = () => Promise.reject(new Error("away"));
    await expect(cached.find(session.id)).rejects.toThrow("away");
  });

  it.each([
    ["id", () => ({ sessionIds: [stores.session.id] })],
    ["client", () => ({ clientId: stores.clientId })],
    ["user", () => ({ clientId: stores.clientId, userId: jason.id })],
    ["winery", () => ({ tenantId: "old-oak" })],
    ["all", () => "all" as const],
  ])("E4, R10: a notice by %s forgets, from the channel and by hand", async (_what, notice) => {
    const { channel, cached, isKept } = stores;
    await isKept();
    channel.tell(notice());
    expect(await isKept()).toBe(false);
    expect(await isKept()).toBe(true);
    cached.forget(notice(), "ended");
    expect(await isKept()).toBe(false);
  });
});

const PATCH = { set: { a: 1 }, unset: [], overwrite: [], revision: 0, maxBytes: 65_536 };
const seen = () => ({ id: stores.session.id, lastActivityAtMs: START });

describe("everything else", () => {
  it("the answers of changes are the store's own", async () => {
    const { cached, session, of, clientId } = stores;
    expect(await cached.renew(seen(), START + 2 * DAY, START)).toBe(START + 2 * DAY);
    expect(await cached.saveData(seen(), PATCH, START)).toEqual({ data: { a: 1 }, revision: 1 });
    expect(await cached.endIdle(seen(), START)).toBe(false);
    expect(await cached.end(session.id, "revoked")).toBe(true);
    const events = await cached.events({ sessionId: session.id }, 1);
    expect(events).toMatchObject([{ event: "ended", reason: "revoked" }]);
    const next = of(clientId);
    expect((await cached.create(next)).id).toBe(next.id);
    expect(await cached.endAll({ clientId }, "operator")).toBe(1);
  });

  it.each([
    ["touch", new Map()],
    ["listOpen", {}, START, 5],
    ["stats", "client", START],
    ["totals", START],
    ["endings", START],
    ["events", { sessionId: UNKNOWN }, 5],
    ["cleanup", 5],
    ["cleanupEvents", 5, 90],
    ["sweep", 5, 90],
  ] as const)(
    "%s is asked of the store itself, which may be an instance of a class",
    async (name, ...args) => {
      const { cached, store } = stores;
      const asked = vi.spyOn(store, name).mockImplementation(function (this: unknown) {
        expect(this).toBe(store);
        return Promise.resolve("the store's answer" as never);
      });
      expect(await (cached[name] as (...args: unknown[]) => unknown)(...args)).toBe("the store's answer");
      expect(asked).toHaveBeenCalledExactlyOnceWith(...args);
    },
  );
});
