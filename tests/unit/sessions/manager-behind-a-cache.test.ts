import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Engine, openEngine, sentBack } from "./support";

/** This instance answers from memory; `elsewhere` changes sessions without it, until the channel tells. */
let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ cached: true });
});

async function signedInAndKept() {
  const signedIn = await engine.signIn();
  await engine.manager.read(signedIn.header);
  return signedIn;
}

const rotateElsewhere = async (header: string) =>
  sentBack((await engine.elsewhere.rotate(header))?.setCookie ?? "");

it("E4: later requests ask the store nothing, and are noted as active", async () => {
  const { session, header } = await signedInAndKept();
  const find = vi.spyOn(engine.store, "find");
  engine.time.nowMs += 1_000;
  expect((await engine.manager.read(header))?.lastActivityAtMs).toBe(engine.time.nowMs);
  expect(find).not.toHaveBeenCalled();
  expect(engine.noted.at(-1)).toEqual([session.id, engine.time.nowMs]);
});

describe("R34: a secret that this instance does not know yet", () => {
  it("opens the session, which lives on", async () => {
    const { session, header } = await signedInAndKept();
    const newer = await rotateElsewhere(header);
    expect((await engine.manager.read(newer))?.id).toBe(session.id);
    expect(await engine.endOf(session.id)).toBeUndefined();
    expect(engine.logger.lines).toEqual([]);
  });

  it.each([
    ["signs out", (header: string) => engine.manager.destroy(header), "signed_out"],
    ["is replaced by a sign-in", (header: string) => engine.signIn(header), "replaced"],
  ])("%s, as any other", async (_what, act, reason) => {
    const { session, header } = await signedInAndKept();
    await act(await rotateElsewhere(header));
    expect(await engine.endOf(session.id)).toBe(reason);
  });

  it("is rotated from, as any other", async () => {
    const { session, header } = await signedInAndKept();
    const rotated = await engine.manager.rotate(await rotateElsewhere(header));
    expect((await engine.manager.read(sentBack(rotated?.setCookie ?? "")))?.id).toBe(session.id);
  });
});

it("R34: a rotation asks where the truth is, once, whatever memory holds", async () => {
  const { session, header } = await signedInAndKept();
  const find = vi.spyOn(engine.store, "find");
  await engine.manager.rotate(header);
  expect(find.mock.calls).toEqual([[session.id, { fresh: true }]]);
});

it("R34: a replaced secret whose grace memory saw go by is a replay, and ends the session here too", async () => {
  const { session, header } = await engine.signIn();
  const newer = sentBack((await engine.manager.rotate(header))?.setCookie ?? "");
  await engine.manager.read(newer);
  engine.time.nowMs += 10_000;
  expect(await engine.manager.read(header)).toBeUndefined();
  expect(await engine.endOf(session.id)).toBe("replayed");
  expect(await engine.manager.read(newer)).toBeUndefined();
});

describe("E3, R10: what this instance did, it knows before it answers", () => {
  it("a sign-out", async () => {
    const { header } = await signedInAndKept();
    await engine.manager.destroy(header);
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("a rotation: the old secret's grace begins", async () => {
    engine = await openEngine({ cached: true, rotationGraceSeconds: 0 });
    const { header } = await signedInAndKept();
    await engine.manager.rotate(header);
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("changed data", async () => {
    const { session, header } = await signedInAndKept();
    await engine.manager.saveData(session, { set: { theme: "dark" } });
    expect((await engine.manager.read(header))?.data).toEqual({ theme: "dark" });
  });

  it("E10: a sign-in to another winery in the same browser", async () => {
    const first = await signedInAndKept();
    const other = await engine.clients.install({
      tenantId: "new-oak",
      installSettings: {},
      contactEmail: null,
    });
    await engine.signIn(first.header, { clientId: other.id });
    expect(await engine.manager.read(first.header)).toBeUndefined();
  });
});

describe("E4: what another instance did", () => {
  it("is known as soon as the channel tells", async () => {
    const { session, header } = await signedInAndKept();
    await engine.elsewhere.destroy(header);
    engine.channel.tell({ sessionIds: [session.id] });
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("is known at once to a request that asks for a fresh look", async () => {
    const { header } = await signedInAndKept();
    await engine.elsewhere.destroy(header);
    expect(await engine.manager.read(header, { fresh: true })).toBeUndefined();
  });

  it("is known at once where the channel is down", async () => {
    const { header } = await signedInAndKept();
    engine.channel.state.epoch = undefined;
    await engine.elsewhere.destroy(header);
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("is known in 30 seconds even where a notice was lost and nobody noticed", async () => {
    const { header } = await signedInAndKept();
    await engine.elsewhere.destroy(header);
    engine.time.nowMs += 30_000;
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("E3: is known to whoever changes the session, who changes nothing", async () => {
    const { session, header } = await signedInAndKept();
    await engine.elsewhere.destroy(header);
    expect(await engine.manager.rotate(header)).toBeUndefined();
    expect(await engine.manager.saveData(session, { set: { late: true } })).toBeUndefined();
    expect(await engine.store.find(session.id)).toBeUndefined();
  });
});

it("R5: a session that memory thinks idle is looked up, and lives on where it was used elsewhere", async () => {
  const { session, header } = await engine.signIn(null, { policy: { idleTimeoutSeconds: 20 } });
  await engine.manager.read(header);
  engine.time.nowMs += 15_000;
  await engine.store.touch(new Map([[session.id, engine.time.nowMs]]));
  engine.time.nowMs += 14_000;
  expect((await engine.manager.read(header))?.id).toBe(session.id);
});

it("a handler cannot change what memory holds for the others", async () => {
  const { header } = await engine.signIn(null, { data: { cart: [1] } });
  const session = await engine.manager.read(header);
  const cart = session?.data.cart;
  expect(() => Array.isArray(cart) && cart.push(2)).toThrow(TypeError);
  expect((await engine.manager.read(header))?.data).toEqual({ cart: [1] });
});
