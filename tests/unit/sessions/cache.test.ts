import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSessionCache } from "../../../app/lib/sessions/cache";
import type { StoredSession } from "../../../app/lib/sessions/store";
import { aStored, EIGHT_HOURS, START } from "./support";

/** A cache over sessions that a test names, which counts what it reads. Wall clock and stop watch are moved apart. */
function openCache({ maxEntries = 100, maxBytes = 1_000_000 } = {}) {
  const wall = { nowMs: START };
  const watch = { nowMs: 5 };
  const options = { maxEntries, maxBytes, clock: () => wall.nowMs, monotonic: () => watch.nowMs };
  const cache = createSessionCache(options);
  const rows = new Map<string, StoredSession>();
  const reads: string[] = [];
  const find = (id: string, epoch = 1) =>
    cache.find(id, epoch, async () => {
      reads.push(id);
      return rows.get(id) && { ...(rows.get(id) as StoredSession) };
    });
  const add = (changes: Partial<StoredSession["session"]> = {}) => {
    const stored = aStored(changes);
    rows.set(stored.session.id, stored);
    return stored.session.id;
  };
  /** Whether the session is answered without a read. */
  const isKept = async (id: string, epoch = 1) => {
    const before = reads.length;
    await find(id, epoch);
    return reads.length === before;
  };
  return { cache, wall, watch, rows, reads, find, add, isKept };
}

describe("E4: what was read once is answered from memory", () => {
  it("without a second read, and as it was read", async () => {
    const { find, add, reads, rows } = openCache();
    const id = add({ data: { theme: "dark" } });
    expect(await find(id)).toEqual(rows.get(id));
    expect(await find(id)).toEqual(rows.get(id));
    expect(reads).toEqual([id]);
  });

  it("each session for itself", async () => {
    const { find, add } = openCache();
    const [one, other] = [add(), add()];
    await find(one);
    expect((await find(other))?.session.id).toBe(other);
    expect((await find(one))?.session.id).toBe(one);
  });

  it("for less than 30 seconds, however healthy the channel is", async () => {
    const { find, add, isKept, watch } = openCache();
    const id = add();
    await find(id);
    watch.nowMs += 29_999;
    expect(await isKept(id)).toBe(true);
    watch.nowMs += 1;
    expect(await isKept(id)).toBe(false);
    watch.nowMs += 29_999;
    expect(await isKept(id)).toBe(true);
  });

  it("being asked for does not make it younger", async () => {
    const { find, add, reads, watch } = openCache();
    const id = add();
    for (let second = 0; second < 61; second += 1) {
      await find(id);
      watch.nowMs += 1_000;
    }
    expect(reads).toHaveLength(3);
  });

  it("the 30 seconds count from when the read began", async () => {
    const { cache, rows, add, watch, isKept } = openCache();
    const id = add();
    await cache.find(id, 1, async () => {
      watch.nowMs += 20_000;
      return rows.get(id);
    });
    watch.nowMs += 9_999;
    expect(await isKept(id)).toBe(true);
    watch.nowMs += 1;
    expect(await isKept(id)).toBe(false);
  });

  it("a wall clock that is set back or forward lengthens and shortens nothing", async () => {
    const { find, add, isKept, wall, watch } = openCache();
    const id = add();
    await find(id);
    wall.nowMs += 60_000;
    expect(await isKept(id)).toBe(true);
    wall.nowMs -= 3_600_000;
    watch.nowMs += 30_000;
    expect(await isKept(id)).toBe(false);
  });
});

describe("R5, R6, E3: what is over by either clock is never answered from memory", () => {
  it("at the end of its lifetime the store is asked", async () => {
    const { find, add, isKept, wall } = openCache();
    const id = add({ expiresAtMs: START + 1_000 });
    await find(id);
    wall.nowMs += 999;
    expect(await isKept(id)).toBe(true);
    wall.nowMs += 1;
    expect(await isKept(id)).toBe(false);
    expect(await isKept(id)).toBe(false);
  });

  it("when it idled too long, the store is asked: it may have been active elsewhere", async () => {
    const { find, add, isKept, wall } = openCache();
    const id = add({ idleTimeoutSeconds: 10 });
    await find(id);
    wall.nowMs += 9_999;
    expect(await isKept(id)).toBe(true);
    wall.nowMs += 1;
    expect(await isKept(id)).toBe(false);
  });

  it("R4: that a session is unknown is never remembered", async () => {
    const { find, rows, reads } = openCache();
    const later = aStored();
    expect(await find(later.session.id)).toBeUndefined();
    rows.set(later.session.id, later);
    expect((await find(later.session.id))?.session.id).toBe(later.session.id);
    expect(reads).toHaveLength(2);
  });
});

describe("what is kept is bounded", () => {
  it("in sessions: the one that was used longest ago goes first", async () => {
    const { find, add, isKept } = openCache({ maxEntries: 2 });
    const [a, b, c] = [add(), add(), add()] as const;
    await find(a);
    await find(b);
    await find(a);
    await find(c);
    expect(await isKept(a)).toBe(true);
    expect(await isKept(c)).toBe(true);
    expect(await isKept(b)).toBe(false);
  });

  it("in bytes, of which each session takes two kilobytes and two a character of its data", async () => {
    const size = 2_048 + 2 * '{"text":"…"}'.length;
    const { find, add, isKept } = openCache({ maxBytes: 2 * size });
    const [a, b, c] = Array.from({ length: 3 }, () => add({ data: { text: "x" } })) as [
      string,
      string,
      string,
    ];
    await find(a);
    await find(b);
    expect(await isKept(a)).toBe(true);
    await find(c);
    expect(await isKept(a)).toBe(true);
    expect(await isKept(c)).toBe(true);
    expect(await isKept(b)).toBe(false);

    const one = openCache({ maxBytes: 2 * size - 1 });
    const [first, second] = [one.add({ data: { text: "x" } }), one.add({ data: { text: "x" } })];
    await one.find(first);
    await one.find(second);
    expect(await one.isKept(second)).toBe(true);
    expect(await one.isKept(first)).toBe(false);
  });

  it("one that is too large for all of it is answered, not kept, and drives out no other", async () => {
    const { find, add, isKept } = openCache({ maxBytes: 10_000 });
    const [small, large] = [add(), add({ data: { text: "x".repeat(5_000) } })];
    await find(small);
    expect((await find(large))?.session.id).toBe(large);
    expect(await isKept(large)).toBe(false);
    expect(await isKept(small)).toBe(true);
  });
});

describe("what is kept cannot be changed by a handler for the others", () => {
  it.each([
    ["the user", (stored: StoredSession) => Object.assign(stored.session.user, { role: "Admin Owner" })],
    ["its end", (stored: StoredSession) => Object.assign(stored.session, { expiresAtMs: 9e15 })],
    ["a key of the data", (stored: StoredSession) => Object.assign(stored.session.data, { admin: true })],
    ["a part of the data", (stored: StoredSession) => (stored.session.data.cart as number[]).push(2)],
    ["its grace", (stored: StoredSession) => Object.assign(stored.previous ?? {}, { graceUntilMs: 9e15 })],
    ["its secret", (stored: StoredSession) => Object.assign(stored, { secretHash: Buffer.alloc(32) })],
  ])("%s", async (_what, change) => {
    const { cache } = openCache();
    const made = () => {
      const stored = aStored({
        id: "a",
        user: { id: "u", name: "U", email: null, role: null },
        data: { cart: [1] },
      });
      const hash = Buffer.alloc(32, 7);
      return { ...stored, secretHash: hash, previous: [{ secretHash: hash, graceUntilMs: 1 }] };
    };
    const [first, shared] = await Promise.all([
      cache.find("a", 1, async () => made()),
      cache.find("a", 1, async () => made()),
    ]);
    const kept = await cache.find("a", 1, async () => undefined);
    for (const stored of [first, shared, kept]) {
      expect(() => change(stored as StoredSession)).toThrow(TypeError);
      expect(stored).toEqual(made());
    }
  });
});

describe("where no clocks are given", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("the system's says what is over, and one that is never set says what is old", async () => {
    vi.setSystemTime(START);
    const cache = createSessionCache({ maxEntries: 10, maxBytes: 1_000_000 });
    const stored = aStored();
    await cache.find("a", 1, async () => stored);
    vi.setSystemTime(START + 3_600_000);
    expect(await cache.find("a", 1, async () => undefined)).toBe(stored);
    vi.setSystemTime(START + EIGHT_HOURS * 1_000);
    expect(await cache.find("a", 1, async () => undefined)).toBeUndefined();
  });
});
