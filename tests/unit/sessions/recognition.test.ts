import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createRecognition } from "../../../app/lib/sessions/recognition";
import { aStored, ENCRYPTION_SECRET, type Engine, NAME, openEngine, sentBack } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ cached: true });
});

/** Signs in and reads twice: once from the store, once from memory. */
async function signedInAndVerified() {
  const signedIn = await engine.signIn();
  await engine.manager.read(signedIn.header);
  return signedIn;
}

/** What the cookie opens, and whether its signature was checked for that. */
async function readAndWatch(header: string) {
  const check = vi.spyOn(engine.cookie, "read");
  const session = await engine.manager.read(header);
  const verified = check.mock.calls.length > 0;
  check.mockRestore();
  return { id: session?.id, verified };
}

describe("E4: a cookie value that was verified once", () => {
  it("is recognised: neither its signature nor its secret is checked again", async () => {
    const { session, header } = await signedInAndVerified();
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: false });
  });

  it("is recognised among cookies of others, and before another of its name", async () => {
    const { session, header } = await signedInAndVerified();
    for (const more of [`a=b; ${header}`, `${header}; c=d`, `a=b; ${header}; ${NAME}=other`]) {
      expect(await readAndWatch(more)).toEqual({ id: session.id, verified: false });
    }
  });

  it.each([
    ["without white space", (header: string) => `a=b;${header}`],
    ["after another of its name", (header: string) => `${NAME}=other; ${header}`],
    ["in quotes of nobody's making", (header: string) => `a=b ;  ${header}`],
  ])("opens its session the long way where it stands in an unusual place: %s", async (_where, place) => {
    const { session, header } = await signedInAndVerified();
    expect(await readAndWatch(place(header))).toEqual({ id: session.id, verified: true });
  });

  it("is noted as active, as any other", async () => {
    const { session, header } = await signedInAndVerified();
    engine.time.nowMs += 5_000;
    const read = await engine.manager.read(header);
    expect(read?.lastActivityAtMs).toBe(engine.time.nowMs);
    expect(engine.noted.at(-1)).toEqual([session.id, engine.time.nowMs]);
  });

  it("brings what the long way brings", async () => {
    const { header } = await signedInAndVerified();
    const recognised = await engine.manager.read(header);
    expect(recognised).toEqual(await engine.manager.read(header, { fresh: true }));
  });
});

describe("R2: what is not that very value", () => {
  it("is refused, whichever character of it is another", async () => {
    const { header } = await signedInAndVerified();
    const value = header.slice(NAME.length + 1);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(value.length - 1),
        fc.constantFrom(..."abcXYZ019-_."),
        async (at, character) => {
          fc.pre(value[at] !== character);
          const edited = value.slice(0, at) + character + value.slice(at + 1);
          expect(await engine.manager.read(`${NAME}=${edited}`)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ["shorter", (value: string) => value.slice(0, -1)],
    ["longer", (value: string) => `${value}A`],
    ["the id alone", (value: string) => value.slice(0, 37)],
    [
      "of characters that fold onto the right ones where each is kept in a byte",
      (value: string) => value.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 256)),
    ],
  ])("is refused where it is %s", async (_what, edit) => {
    const { header } = await signedInAndVerified();
    const value = header.slice(NAME.length + 1);
    expect(await engine.manager.read(`${NAME}=${edit(value)}`)).toBeUndefined();
  });

  it("is refused where it is another session's under this one's id", async () => {
    const [a, b] = [await signedInAndVerified(), await signedInAndVerified()];
    const crossed = `${NAME}=${a.session.id}${b.header.slice(NAME.length + 1 + a.session.id.length)}`;
    expect(await engine.manager.read(crossed)).toBeUndefined();
  });

  it("asks no store about an id that nobody signed", async () => {
    const { session } = await signedInAndVerified();
    const find = vi.spyOn(engine.store, "find");
    engine.channel.tell({ sessionIds: [session.id] });
    expect(await engine.manager.read(`${NAME}=${session.id}.${"A".repeat(87)}`)).toBeUndefined();
    expect(find).not.toHaveBeenCalled();
  });
});

describe("R10: a value is recognised no longer than what it opened is known to be as it was", () => {
  it("not once the session ended elsewhere", async () => {
    const { session, header } = await signedInAndVerified();
    await engine.store.end(session.id, "signed_out");
    engine.channel.tell({ sessionIds: [session.id] });
    expect(await readAndWatch(header)).toEqual({ id: undefined, verified: true });
  });

  it("not while the channel is down", async () => {
    const { session, header } = await signedInAndVerified();
    engine.channel.state.epoch = undefined;
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
  });

  it("not under a new run of the channel, until it was verified anew", async () => {
    const { session, header } = await signedInAndVerified();
    engine.channel.state.epoch = 2;
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: false });
  });

  it("not after thirty seconds, however healthy the channel is", async () => {
    const { session, header } = await signedInAndVerified();
    engine.time.nowMs += 29_999;
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: false });
    engine.time.nowMs += 1;
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
  });

  it("not where the caller wants the truth", async () => {
    const { header } = await signedInAndVerified();
    const find = vi.spyOn(engine.store, "find");
    await engine.manager.read(header, { fresh: true });
    expect(find).toHaveBeenCalledOnce();
  });

  it("not once its secret was replaced: within the grace it is checked each time, and after it is a replay", async () => {
    const { session, header } = await signedInAndVerified();
    const rotated = await engine.manager.rotate(header);
    const newer = sentBack(rotated?.setCookie ?? "");
    for (const _time of [1, 2])
      expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
    await engine.manager.read(newer);
    expect(await readAndWatch(newer)).toEqual({ id: session.id, verified: false });
    engine.time.nowMs += 10_000;
    expect(await readAndWatch(header)).toEqual({ id: undefined, verified: true });
    expect(await engine.endOf(session.id)).toBe("replayed");
  });

  it("R6: not at the moment the session expires", async () => {
    engine = await openEngine({ cached: true, policy: { maxAgeSeconds: 10 } });
    const { header } = await signedInAndVerified();
    engine.time.nowMs += 9_999;
    expect((await readAndWatch(header)).id).toBeDefined();
    engine.time.nowMs += 1;
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("R5: not at the moment its idle time is over", async () => {
    engine = await openEngine({ cached: true, policy: { idleTimeoutSeconds: 10 } });
    const { session, header } = await signedInAndVerified();
    engine.time.nowMs += 10_000;
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("idle");
  });
});

it("without a memory nothing is recognised", async () => {
  engine = await openEngine();
  const { session, header } = await signedInAndVerified();
  expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
});

it("a value that is encrypted shows no id, and is opened each time", async () => {
  engine = await openEngine({ cached: true, encryptionSecrets: [ENCRYPTION_SECRET] });
  const { session, header } = await signedInAndVerified();
  expect(await readAndWatch(header)).toEqual({ id: session.id, verified: true });
});

describe("what is kept", () => {
  it("is one value for one reading: the next reading of the same session knows none", () => {
    const recognition = createRecognition();
    const [reading, nextReading] = [aStored(), aStored()];
    recognition.keep(reading, "value-a");
    expect([
      recognition.isKept(reading, "value-a"),
      recognition.isKept(reading, "value-b"),
      recognition.isKept(nextReading, "value-a"),
    ]).toEqual([true, false, false]);
  });

  it("values of several lengths do not mix", () => {
    const recognition = createRecognition();
    const [short, long] = [aStored(), aStored()];
    recognition.keep(short, "abc");
    recognition.keep(long, "abcdef");
    expect([recognition.isKept(long, "abcdef"), recognition.isKept(short, "abc")]).toEqual([true, true]);
    expect([recognition.isKept(long, "abc"), recognition.isKept(short, "abcdef")]).toEqual([false, false]);
  });
});
