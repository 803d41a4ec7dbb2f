import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnavailableError } from "../../../app/lib/base/errors";
import { createCachedStore } from "../../../app/lib/sessions/cached-store";
import type { SessionStore } from "../../../app/lib/sessions/store";
import { createVouching } from "../../../app/lib/sessions/vouching";
import { openStores } from "./cached-store-support";
import { START } from "./support";

const LIMIT_MS = 60_000;
const away = () => Promise.reject(new UnavailableError("away"));

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

describe("R31: reads while the store does not answer", () => {
  const time = { nowMs: 0 };
  const open = (limitMs = LIMIT_MS) => {
    time.nowMs = 0;
    return createVouching({ limitMs, monotonic: () => time.nowMs });
  };

  it("are answered by what is remembered, up to the bound, counted from when it was first away", async () => {
    const vouching = open();
    expect(await vouching.read(away, () => "kept")).toBe("kept");
    time.nowMs = LIMIT_MS - 1;
    expect(await vouching.read(away, () => "kept")).toBe("kept");
    time.nowMs = LIMIT_MS;
    await expect(vouching.read(away, () => "kept")).rejects.toThrow("away");
  });

  it("the bound begins anew once it has answered", async () => {
    const vouching = open();
    await vouching.read(away, () => "kept");
    time.nowMs = LIMIT_MS - 1;
    expect(
      await vouching.read(
        async () => "true",
        () => "kept",
      ),
    ).toBe("true");
    time.nowMs = LIMIT_MS + 10;
    expect(await vouching.read(away, () => "kept")).toBe("kept");
  });

  it("fail where nothing is remembered, where the bound is 0, and where it answered no", async () => {
    await expect(open().read(away, () => undefined)).rejects.toThrow("away");
    await expect(open(0).read(away, () => "kept")).rejects.toThrow("away");
    await expect(
      open().read(
        () => Promise.reject(new Error("no")),
        () => "kept",
      ),
    ).rejects.toThrow("no");
  });

  it("E3: an end in the first second after it is back is answered at the end of that second", async () => {
    const vouching = open();
    await vouching.read(away, () => "kept");
    time.nowMs = 10_000;
    await vouching.read(
      async () => "true",
      () => "kept",
    );
    time.nowMs = 10_400;
    let settled = false;
    const settling = vouching.settled(1).then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(599);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await settling;
    time.nowMs = 11_000;
    await vouching.settled(1);
  });

  it("E3: so is one after a break of the channel, which an idle instance knows the outage by", async () => {
    const vouching = open();
    await vouching.settled(1);
    let settled = false;
    void vouching.settled(2).then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toBe(true);
  });
});

describe("R31: a cache alone vouches", () => {
  const open = async (vouchMs: number) => {
    const { store, sessions, channel, session, of, clientId } = await openStores();
    const clock = { nowMs: START };
    const cached = createCachedStore({
      store,
      channel,
      maxEntries: 100,
      maxBytes: 1_000_000,
      vouchMs,
      clock: () => clock.nowMs,
      monotonic: () => clock.nowMs,
    });
    await cached.find(session.id);
    const goAway = () => {
      channel.state.epoch = undefined;
      for (const name of ["find", "end"] as const)
        store[name] = away as SessionStore[typeof name] & typeof away;
    };
    return { cached, sessions, channel, session, of, clientId, clock, goAway };
  };

  it("for what it has read, with its channel closed", async () => {
    const { cached, session, goAway } = await open(LIMIT_MS);
    goAway();
    expect((await cached.find(session.id))?.session.id).toBe(session.id);
  });

  it("not for what is over by the clock, or was never read, or asked for afresh", async () => {
    const { cached, session, of, clientId, sessions, clock, goAway } = await open(LIMIT_MS);
    const unread = await sessions.create(of(clientId));
    goAway();
    await expect(cached.find(unread.id)).rejects.toThrow("away");
    await expect(cached.find(session.id, { fresh: true })).rejects.toThrow("away");
    clock.nowMs = session.expiresAtMs;
    await expect(cached.find(session.id)).rejects.toThrow("away");
  });

  it("not for what another instance said had ended, nor where it shall not", async () => {
    const { cached, session, channel, goAway } = await open(LIMIT_MS);
    channel.tell({ sessionIds: [session.id] });
    goAway();
    await expect(cached.find(session.id)).rejects.toThrow("away");

    const strict = await open(0);
    strict.goAway();
    await expect(strict.cached.find(strict.session.id)).rejects.toThrow("away");
  });

  it("for as long again in the next outage, where all that was asked in between was memory", async () => {
    const { cached, session, channel, clock, goAway } = await open(LIMIT_MS);
    goAway();
    await cached.find(session.id);
    clock.nowMs += 20_000;
    channel.state.epoch = 1;
    const place = cached.memory?.place(session.id);
    expect(place && cached.memory?.at(place)).toBeDefined();
    channel.state.epoch = undefined;
    clock.nowMs += LIMIT_MS - 20_000;
    expect((await cached.find(session.id))?.session.id).toBe(session.id);
    clock.nowMs += LIMIT_MS;
    await expect(cached.find(session.id)).rejects.toThrow("away");
  });
});
