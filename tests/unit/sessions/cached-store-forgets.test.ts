import { beforeEach, describe, expect, it } from "vitest";
import { UnavailableError } from "../../../app/lib/base/errors";
import type { SessionStore } from "../../../app/lib/sessions/store";
import { DAY, openStores, type Stores, UNKNOWN } from "./cached-store-support";
import { held, jason, START } from "./support";

let stores: Stores;
beforeEach(async () => {
  stores = await openStores();
});

const PATCH = { set: { a: 1 }, unset: [], overwrite: [], revision: 0, maxBytes: 65_536 };
const seen = () => ({ id: stores.session.id, lastActivityAtMs: START });

/** Every way to change a session, with the session that it changes. */
const CHANGES: [keyof SessionStore, () => Promise<unknown>][] = [
  ["create", () => stores.cached.create(stores.of(stores.clientId))],
  ["saveData", () => stores.cached.saveData(seen(), PATCH, START)],
  [
    "rotate",
    () => {
      const rotation = { from: stores.session.secretHash, to: Buffer.alloc(32), graceUntilMs: START };
      return stores.cached.rotate(seen(), rotation, START);
    },
  ],
  ["renew", () => stores.cached.renew(seen(), START + 2 * DAY, START)],
  ["end", () => stores.cached.end(stores.session.id, "signed_out")],
  ["endIdle", () => stores.cached.endIdle(seen(), START)],
  ["endAll", () => stores.cached.endAll({}, "operator")],
];

describe.each(CHANGES)("E3, R10: %s", (name, change) => {
  it("forgets the session before it answers", async () => {
    const { sessions, cached, session, isKept } = stores;
    await isKept();
    await change();
    expect(await cached.find(session.id)).toEqual(await sessions.find(session.id));
    await isKept();
    await change().catch(() => {});
    expect(await isKept()).toBe(false);
  });

  it("where the store does not answer, forgets it: the change may have been made", async () => {
    const { store, isKept } = stores;
    await isKept();
    Object.assign(store, { [name]: () => Promise.reject(new UnavailableError("away")) });
    await expect(change()).rejects.toThrow("away");
    // But for a renewal: what is remembered ends too early then, at worst.
    expect(await isKept()).toBe(name === "renew");
  });

  it("where the store was not even asked, keeps it", async () => {
    const { store, isKept } = stores;
    await isKept();
    Object.assign(store, { [name]: () => Promise.reject(new UnavailableError("away", { unasked: true })) });
    await expect(change()).rejects.toThrow("away");
    expect(await isKept()).toBe(true);
  });

  it("does not keep what was read while it was under way", async () => {
    const { store, sessions, cached, session, isKept } = stores;
    const gate = held<void>();
    const real = sessions[name] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(store, {
      async [name](...args: unknown[]) {
        await gate.promise;
        return real(...args);
      },
    });
    const changing = change();
    await cached.find(session.id);
    gate.resolve();
    await changing;
    expect(await isKept()).toBe(false);
  });
});

describe("ending more than one", () => {
  it("E10: a sign-in forgets the session that it replaces, at whichever client that was", async () => {
    const { cached, otherClientId, of, session } = stores;
    await cached.find(session.id);
    await cached.create(of(otherClientId, { replaces: [session.id] }));
    expect(await cached.find(session.id)).toBeUndefined();
  });

  it("E10: and does so even when the store does not answer", async () => {
    const { cached, store, otherClientId, of, session, isKept } = stores;
    await isKept();
    store.create = () => Promise.reject(new Error("away"));
    await expect(cached.create(of(otherClientId, { replaces: [session.id] }))).rejects.toThrow("away");
    expect(await isKept()).toBe(false);
  });

  const anna = { ...jason, id: "anna" };

  it.each([
    ["of all clients", () => ({}), [false, false, false]],
    ["of a client", () => ({ clientId: stores.clientId }), [false, false, true]],
    ["of a user", () => ({ clientId: stores.clientId, userId: jason.id }), [false, true, true]],
    [
      "of a user but one",
      () => ({ clientId: stores.clientId, userId: jason.id, exceptId: UNKNOWN }),
      [false, true, true],
    ],
    ["of another client", () => ({ clientId: stores.otherClientId }), [true, true, false]],
  ])("endAll forgets the sessions %s, and no others", async (_whose, scope, kept) => {
    const { cached, sessions, of, session, clientId, otherClientId, isKept } = stores;
    const [annas, theirs] = [of(clientId, { user: anna }), of(otherClientId)];
    const ids = [session.id, annas.id, theirs.id];
    await sessions.create(annas);
    await sessions.create(theirs);
    for (const id of ids) await isKept(id);
    await cached.endAll(scope(), "operator");
    for (const [index, id] of ids.entries()) expect(await isKept(id), `session ${index}`).toBe(kept[index]);
  });

  it.each(CHANGES.filter(([name]) => name !== "endAll"))(
    "E4: %s leaves what is kept of other users and clients",
    async (_name, change) => {
      const { sessions, of, clientId, otherClientId, isKept } = stores;
      const others = [of(clientId, { user: anna }), of(otherClientId)];
      for (const other of others) {
        await sessions.create(other);
        await isKept(other.id);
      }
      await change();
      for (const other of others) expect(await isKept(other.id)).toBe(true);
    },
  );
});
