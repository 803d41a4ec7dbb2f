import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { hashSecret, newSecret, newToken } from "../../../app/lib/sessions/token";
import { createVerifiedCookies } from "../../../app/lib/sessions/verified-cookies";
import { aCookie, ENCRYPTION_SECRET, type Engine, NAME, openEngine, sentBack } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ cached: true });
});

/** Signs in and reads twice: once from the store, and once from memory, whose place for the session is known from then on. */
async function signedInAndVerified() {
  const signedIn = await engine.signIn();
  for (const _time of [1, 2]) await engine.manager.read(signedIn.header);
  return signedIn;
}

/** What the cookie opens, whether its signature was checked for that, and whether the store was asked. */
async function readAndWatch(header: string) {
  const check = vi.spyOn(engine.cookie, "open");
  const find = vi.spyOn(engine.store, "find");
  const session = await engine.manager.read(header);
  const watched = {
    id: session?.id,
    verified: check.mock.calls.length > 0,
    asked: find.mock.calls.length > 0,
  };
  check.mockRestore();
  find.mockRestore();
  return watched;
}

describe("E4: a cookie value that was verified once", () => {
  it("is recognised: neither its signature nor its secret is checked again", async () => {
    const { session, header } = await signedInAndVerified();
    expect(await readAndWatch(header)).toEqual({ id: session.id, verified: false, asked: false });
  });

  it("is recognised among cookies of others, and before another of its name", async () => {
    const { session, header } = await signedInAndVerified();
    for (const more of [`a=b; ${header}`, `${header}; c=d`, `a=b; ${header}; ${NAME}=other`]) {
      expect(await readAndWatch(more)).toEqual({ id: session.id, verified: false, asked: false });
    }
  });

  it.each([
    ["without white space", (header: string) => `a=b;${header}`],
    ["after more of it", (header: string) => `a=b ;  ${header}`],
  ])("is recognised in an unusual place: %s", async (_where, place) => {
    const { session, header } = await signedInAndVerified();
    expect(await readAndWatch(place(header))).toEqual({ id: session.id, verified: false, asked: false });
  });

  it("opens its session after another of its name, which is tried first", async () => {
    const { session, header } = await signedInAndVerified();
    const watched = await readAndWatch(`${NAME}=other; ${header}`);
    expect(watched).toEqual({ id: session.id, verified: true, asked: false });
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

describe("R10: that a value is ours says nothing about its session", () => {
  const KNOWN = { verified: false, asked: false };
  const ASKED = { verified: false, asked: true };

  it("which is refused once it ended elsewhere", async () => {
    const { session, header } = await signedInAndVerified();
    await engine.store.end(session.id, "signed_out");
    engine.channel.tell({ sessionIds: [session.id] });
    expect(await readAndWatch(header)).toEqual({ id: undefined, ...ASKED });
  });

  it("which is refused once it ended here", async () => {
    const { header } = await signedInAndVerified();
    await engine.manager.destroy(header);
    expect(await readAndWatch(header)).toEqual({ id: undefined, ...ASKED });
  });

  it("which is looked up while the channel is down", async () => {
    const { session, header } = await signedInAndVerified();
    engine.channel.state.epoch = undefined;
    for (const _time of [1, 2]) expect(await readAndWatch(header)).toEqual({ id: session.id, ...ASKED });
  });

  it("which is looked up under a new run of the channel, once", async () => {
    const { session, header } = await signedInAndVerified();
    engine.channel.state.epoch = 2;
    expect(await readAndWatch(header)).toEqual({ id: session.id, ...ASKED });
    expect(await readAndWatch(header)).toEqual({ id: session.id, ...KNOWN });
  });

  it("which is looked up after thirty seconds, however healthy the channel is", async () => {
    const { session, header } = await signedInAndVerified();
    engine.time.nowMs += 29_999;
    expect(await readAndWatch(header)).toEqual({ id: session.id, ...KNOWN });
    engine.time.nowMs += 1;
    expect(await readAndWatch(header)).toEqual({ id: session.id, ...ASKED });
  });

  it("which is looked up where the caller wants the truth", async () => {
    const { header } = await signedInAndVerified();
    const find = vi.spyOn(engine.store, "find");
    await engine.manager.read(header, { fresh: true });
    expect(find).toHaveBeenCalledOnce();
  });

  it("whose secret may have been replaced: it opens within the grace, and after that is a replay", async () => {
    const { session, header } = await signedInAndVerified();
    await engine.manager.read(header);
    const rotated = await engine.manager.rotate(header);
    const newer = sentBack(rotated?.setCookie ?? "");
    for (const _time of [1, 2]) expect((await readAndWatch(header)).id).toBe(session.id);
    await engine.manager.read(newer);
    expect(await readAndWatch(newer)).toEqual({ id: session.id, ...KNOWN });
    engine.time.nowMs += 10_000;
    expect((await readAndWatch(header)).id).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("replayed");
  });

  it("R6: which is refused at the moment it expires", async () => {
    engine = await openEngine({ cached: true, policy: { maxAgeSeconds: 10 } });
    const { header } = await signedInAndVerified();
    engine.time.nowMs += 9_999;
    expect((await readAndWatch(header)).id).toBeDefined();
    engine.time.nowMs += 1;
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("R5: which is refused at the moment its idle time is over", async () => {
    engine = await openEngine({ cached: true, policy: { idleTimeoutSeconds: 10 } });
    const { session, header } = await signedInAndVerified();
    engine.time.nowMs += 10_000;
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("idle");
  });

  it("which is looked up each time where nothing is remembered", async () => {
    engine = await openEngine();
    const { session, header } = await signedInAndVerified();
    expect(await readAndWatch(header)).toEqual({ id: session.id, ...ASKED });
  });
});

it("C3: a value that is encrypted is recognised, too", async () => {
  engine = await openEngine({ cached: true, encryptionSecrets: [ENCRYPTION_SECRET] });
  const { session, header } = await signedInAndVerified();
  expect(await readAndWatch(header)).toEqual({ id: session.id, verified: false, asked: false });
});

describe("what is kept", () => {
  const open = (maxEntries: number) => {
    const cookie = aCookie();
    const cookies = createVerifiedCookies(cookie, maxEntries);
    const aHeader = () => sentBack(cookie.write(newToken(), 60));
    const isVerifiedAgain = (header: string) => {
      if (cookies.known(header)) return false;
      cookies.all(header);
      return true;
    };
    return { cookie, cookies, aHeader, isVerifiedAgain };
  };

  it("is the id and the hash of the secret, and not the secret", () => {
    const { cookie, cookies } = open(10);
    const token = newToken();
    const header = sentBack(cookie.write(token, 60));
    const verified = { id: token.id, secretHash: hashSecret(token.secret) };
    expect(cookies.all(header)).toMatchObject([verified]);
    expect(cookies.known(header)).toMatchObject(verified);
  });

  it("are so many values and no more: the one that was kept longest goes first, and is verified again", () => {
    const { aHeader, isVerifiedAgain } = open(2);
    const [a, b, c] = [aHeader(), aHeader(), aHeader()];
    for (const header of [a, b, c]) expect(isVerifiedAgain(header)).toBe(true);
    expect([b, c].map(isVerifiedAgain)).toEqual([false, false]);
    expect(isVerifiedAgain(a)).toBe(true);
  });

  it("is the newest of two values for one session", () => {
    const { cookie, isVerifiedAgain } = open(10);
    const { id } = newToken();
    const [older, newer] = [1, 2].map(() => sentBack(cookie.write({ id, secret: newSecret() }, 60)));
    for (const header of [older, newer]) expect(isVerifiedAgain(header as string)).toBe(true);
    expect(isVerifiedAgain(newer as string)).toBe(false);
    expect(isVerifiedAgain(older as string)).toBe(true);
  });

  it("is nothing of what we did not make", () => {
    const { cookies, isVerifiedAgain } = open(10);
    const forged = `${NAME}=${newToken().id}.${"A".repeat(87)}`;
    expect(cookies.all(forged)).toEqual([]);
    expect(isVerifiedAgain(forged)).toBe(true);
  });

  it.each([undefined, null, "", "theme=dark"])("is nothing where there is no cookie: %o", (header) => {
    expect(open(10).cookies.known(header)).toBeUndefined();
    expect(open(10).cookies.all(header)).toEqual([]);
  });
});
