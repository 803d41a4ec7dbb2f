import { describe, expect, it } from "vitest";
import { createSessionCache } from "../../../app/lib/sessions/cache";
import type { Notice } from "../../../app/lib/sessions/channel";
import type { StoredSession } from "../../../app/lib/sessions/store";
import { aStored, held, jason, START } from "./support";

/** A cache whose reads a test answers, each when it wants to. */
function openCache() {
  const clock = () => START;
  const cache = createSessionCache({ maxEntries: 1_000, maxBytes: 10_000_000, clock, monotonic: clock });
  const reads: { id: string; answer: ReturnType<typeof held<StoredSession | undefined>> }[] = [];
  const find = (id: string, epoch = 1) =>
    cache.find(id, epoch, () => {
      const answer = held<StoredSession | undefined>();
      reads.push({ id, answer });
      return answer.promise;
    });
  /** Answers the nth read that there was. */
  const answer = (nth: number, stored: StoredSession | undefined) => reads[nth]?.answer.resolve(stored);
  const keep = async (stored: StoredSession) => {
    const found = find(stored.session.id);
    answer(reads.length - 1, stored);
    await found;
    return stored;
  };
  /** Whether the session is answered without a read. */
  const isKept = async (id: string, epoch = 1) => {
    const before = reads.length;
    const found = find(id, epoch);
    answer(before, undefined);
    await found;
    return reads.length === before;
  };
  return { cache, reads, find, answer, keep, isKept };
}

const OURS = { id: "a", clientId: "ours", tenantId: "old-oak" };
const asItWas = () => aStored({ ...OURS, data: { seen: "before" } });
const asItIs = () => aStored({ ...OURS, data: { seen: "after" } });

const ABOUT_OURS: [string, Notice][] = [
  ["its id", { sessionIds: ["x", "a"] }],
  ["its client", { clientId: "ours" }],
  ["its user", { clientId: "ours", userId: jason.id }],
  ["its winery", { tenantId: "old-oak" }],
  ["all", "all"],
];

it.each<[string, Notice]>([
  ["one", { httpSessions: ["a"] }],
  ["all", { httpSessions: "all" }],
])("a notice about HTTP sessions overtakes nothing and forgets nothing: %s", async (_which, notice) => {
  const { cache, find, answer, keep, isKept } = openCache();
  await keep(aStored({ id: "b" }));
  const reading = find("a");
  cache.forget(notice);
  answer(1, asItWas());
  await reading;
  expect([await isKept("a"), await isKept("b")]).toEqual([true, true]);
});

describe("many callers, one read", () => {
  it("E4: those who ask while a session is read share that read", async () => {
    const { find, answer, reads } = openCache();
    const callers = [find("a"), find("a"), find("a")];
    answer(0, asItWas());
    const [first, ...others] = await Promise.all(callers);
    expect(first?.session.data).toEqual({ seen: "before" });
    expect(others).toEqual([first, first]);
    expect(reads).toHaveLength(1);
  });

  it("each session is read for itself", async () => {
    const { find, answer, reads } = openCache();
    const callers = [find("a"), find("b")];
    answer(1, aStored({ id: "b" }));
    answer(0, aStored({ id: "a" }));
    expect((await Promise.all(callers)).map((stored) => stored?.session.id)).toEqual(["a", "b"]);
    expect(reads).toHaveLength(2);
  });

  it("R31: a read that fails fails for its callers, and the next caller reads again", async () => {
    const { find, answer, reads } = openCache();
    const callers = [find("a"), find("a")];
    reads[0]?.answer.reject(new Error("away"));
    for (const caller of callers) await expect(caller).rejects.toThrow("away");
    const next = find("a");
    answer(1, asItIs());
    expect((await next)?.session.data).toEqual({ seen: "after" });
  });

  it("R4: a read that finds nothing is not joined later", async () => {
    const { find, answer, reads } = openCache();
    const first = find("a");
    answer(0, undefined);
    expect(await first).toBeUndefined();
    void find("a");
    expect(reads).toHaveLength(2);
  });
});

describe.each(ABOUT_OURS)("E3, R10: a notice about %s", (_what, notice) => {
  it("forgets what is kept", async () => {
    const { cache, keep, isKept } = openCache();
    await keep(asItWas());
    expect(await isKept("a")).toBe(true);
    cache.forget(notice);
    expect(await isKept("a")).toBe(false);
  });

  it("overtakes a read under way: its callers have their answer, and it is not kept", async () => {
    const { cache, find, answer, isKept } = openCache();
    const caller = find("a");
    cache.forget(notice);
    answer(0, asItWas());
    expect((await caller)?.session.data).toEqual({ seen: "before" });
    expect(await isKept("a")).toBe(false);
  });

  it.each([
    ["before", [0, 1]],
    ["after", [1, 0]],
  ])(
    "who asks after it has a read of their own, even if the overtaken one ends %s it",
    async (_when, order) => {
      const { cache, find, answer, reads, isKept } = openCache();
      const early = find("a");
      cache.forget(notice);
      const late = find("a");
      expect(reads).toHaveLength(2);
      for (const nth of order) {
        answer(nth, nth === 0 ? asItWas() : asItIs());
        await (nth === 0 ? early : late);
      }
      expect((await late)?.session.data).toEqual({ seen: "after" });
      expect((await find("a"))?.session.data).toEqual({ seen: "after" });
      expect(await isKept("a")).toBe(true);
    },
  );

  it("while the later read is under way, others join that one, not the overtaken one", async () => {
    const { cache, find, answer, reads } = openCache();
    const early = find("a");
    cache.forget(notice);
    const late = find("a");
    answer(0, asItWas());
    await early;
    const joined = find("a");
    answer(1, asItIs());
    expect(await joined).toBe(await late);
    expect(reads).toHaveLength(2);
  });
});

describe("a notice about somebody else", () => {
  it.each<[string, Notice]>([
    ["another session", { sessionIds: ["x", "y"] }],
    ["no session", { sessionIds: [] }],
    ["another client", { clientId: "theirs" }],
    ["another user of the client", { clientId: "ours", userId: "anna" }],
    ["the same user at another client", { clientId: "theirs", userId: jason.id }],
    ["another winery", { tenantId: "new-oak" }],
  ])("leaves what is kept: %s", async (_what, notice) => {
    const { cache, keep, isKept } = openCache();
    await keep(asItWas());
    cache.forget(notice);
    expect(await isKept("a")).toBe(true);
  });

  it("leaves a read under way", async () => {
    const { cache, find, answer, isKept } = openCache();
    const caller = find("a");
    cache.forget({ sessionIds: ["x"] });
    answer(0, asItWas());
    await caller;
    expect(await isKept("a")).toBe(true);
  });

  it("of 300 sessions of three clients, exactly those of one go", async () => {
    const { cache, keep, isKept } = openCache();
    const clientOf = (index: number) => `client-${index % 3}`;
    for (let index = 0; index < 300; index += 1) {
      await keep(aStored({ id: `s${index}`, clientId: clientOf(index) }));
    }
    cache.forget({ clientId: "client-1" });
    for (let index = 0; index < 300; index += 1) {
      expect(await isKept(`s${index}`), `session ${index}`).toBe(clientOf(index) !== "client-1");
    }
  });
});

describe("E4: a channel that may have missed a notice", () => {
  it("opens empty under its new number", async () => {
    const { keep, isKept } = openCache();
    await keep(asItWas());
    expect(await isKept("a", 1)).toBe(true);
    expect(await isKept("a", 2)).toBe(false);
    expect(await isKept("a", 1)).toBe(false);
  });

  it("whichever number that is", async () => {
    const { isKept, find, answer } = openCache();
    const caller = find("a", 7);
    answer(0, asItWas());
    await caller;
    expect(await isKept("a", 7)).toBe(true);
    expect(await isKept("a", 3)).toBe(false);
  });

  it("and stays so for what was kept and not asked for in between", async () => {
    const { keep, isKept } = openCache();
    await keep(asItWas());
    await isKept("b", 2);
    expect(await isKept("a", 2)).toBe(false);
  });

  it("does not keep what a read brings that began before", async () => {
    const { find, answer, isKept } = openCache();
    const caller = find("a", 1);
    void find("b", 2);
    answer(0, asItWas());
    await caller;
    expect(await isKept("a", 2)).toBe(false);
  });

  it("does not share a read that began before", async () => {
    const { find, reads } = openCache();
    void find("a", 1);
    void find("a", 2);
    expect(reads).toHaveLength(2);
  });
});
