import { beforeEach, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "./support";

const IDLE_MS = 600_000;

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ policy: { idleTimeoutSeconds: 600 } });
});

/** Writes what was noted, as the activity recorder does a moment later. */
const write = () => engine.store.touch(new Map(engine.noted));

it("R5: a session that is not used ends at the very millisecond its idle time is over", async () => {
  const [used, unused] = [await engine.signIn(), await engine.signIn()];
  engine.time.nowMs += IDLE_MS - 1;
  expect((await engine.manager.read(used.header))?.id).toBe(used.session.id);
  engine.time.nowMs += 1;
  expect(await engine.manager.read(unused.header)).toBeUndefined();
});

it("R5: one whose use waits to be written is not idle, however long that takes", async () => {
  const { session, header } = await engine.signIn();
  for (let use = 0; use < 3; use += 1) {
    engine.time.nowMs += IDLE_MS - 1;
    expect((await engine.manager.read(header))?.id, `use ${use}`).toBe(session.id);
  }
  engine.time.nowMs += IDLE_MS;
  expect(await engine.manager.read(header)).toBeUndefined();
  expect(await engine.endOf(session.id)).toBe("idle");
});

it("R5, R7: every use gives it its idle time anew", async () => {
  const { header } = await engine.signIn();
  for (let use = 0; use < 20; use += 1) {
    engine.time.nowMs += IDLE_MS - 1;
    expect(await engine.manager.read(header), `use ${use}`).toBeDefined();
    await write();
  }
  engine.time.nowMs += IDLE_MS;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("R29: its history says that it was idle", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += IDLE_MS;
  await engine.manager.read(header);
  expect(await engine.endOf(session.id)).toBe("idle");
});

it("E3: it ends for good: activity that is written late does not bring it back", async () => {
  const { session, header } = await engine.signIn();
  const usedAtMs = engine.time.nowMs + IDLE_MS - 1;
  engine.time.nowMs += IDLE_MS;
  expect(await engine.manager.read(header)).toBeUndefined();
  await engine.store.touch(new Map([[session.id, usedAtMs]]));
  expect(await engine.manager.read(header)).toBeUndefined();
  expect(await engine.store.find(session.id)).toBeUndefined();
});

it("it is not noted as active by the request that found it idle", async () => {
  const { header } = await engine.signIn();
  engine.time.nowMs += IDLE_MS;
  await engine.manager.read(header);
  expect(engine.noted).toEqual([]);
});

it("R6: one that is past its lifetime too is left to the clean-up, which knows why it ended", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs = session.expiresAtMs;
  expect(await engine.manager.read(header)).toBeUndefined();
  expect(await engine.endOf(session.id)).toBeUndefined();
});

describe("one that was active elsewhere meanwhile", () => {
  /** Another instance writes its activity between our look and our end. */
  const activeElsewhere = (id: string) => {
    const { endIdle, touch } = engine.store;
    engine.store.endIdle = async (seen, nowMs) => {
      await touch(new Map([[id, nowMs - 1]]));
      return endIdle(seen, nowMs);
    };
  };

  it("R5: goes on, with that activity, asked for where the truth is", async () => {
    const { session, header } = await engine.signIn();
    engine.time.nowMs += IDLE_MS;
    activeElsewhere(session.id);
    const asked: unknown[] = [];
    const { find } = engine.store;
    engine.store.find = (id, options) => {
      asked.push(options);
      return find(id, options);
    };
    expect(await engine.manager.read(header)).toEqual({ ...session, lastActivityAtMs: engine.time.nowMs });
    expect(asked.at(-1)).toEqual({ fresh: true });
    expect(engine.noted).toEqual([[session.id, engine.time.nowMs]]);
  });

  it("E3: is not let in where it ended meanwhile", async () => {
    const { session, header } = await engine.signIn();
    engine.time.nowMs += IDLE_MS;
    engine.store.endIdle = async ({ id }) => {
      await engine.store.end(id, "revoked");
      return false;
    };
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("revoked");
  });

  it("R5: is not let in where it is idle all the same", async () => {
    const { header } = await engine.signIn();
    engine.time.nowMs += IDLE_MS;
    engine.store.endIdle = async () => false;
    expect(await engine.manager.read(header)).toBeUndefined();
  });
});

it("R5: an idle session is not rotated either, and ends", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += IDLE_MS;
  expect(await engine.manager.rotate(header)).toBeUndefined();
  expect(await engine.endOf(session.id)).toBe("idle");
});

it("R31: where its end cannot be written, the caller is told, and nobody is let in", async () => {
  const { header } = await engine.signIn();
  engine.time.nowMs += IDLE_MS;
  engine.store.endIdle = () => Promise.reject(new Error("away"));
  await expect(engine.manager.read(header)).rejects.toThrow("away");
});
