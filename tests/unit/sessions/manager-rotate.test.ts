import { beforeEach, describe, expect, it } from "vitest";
import { hashSecret, newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, type Engine, openEngine, sentBack } from "./support";

const GRACE_MS = 10_000;

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine();
});

const tokenOf = (header: string) => engine.cookie.read(header)[0] ?? newToken();

/** Rotates, and answers what the browser sends from now on. */
async function rotate(header: string, rights?: { role: string }) {
  const rotated = await engine.manager.rotate(header, rights);
  if (!rotated?.setCookie) throw new Error("not rotated");
  return { session: rotated.session, setCookie: rotated.setCookie, header: sentBack(rotated.setCookie) };
}

describe("R3, R34: a new secret", () => {
  it("opens the same session", async () => {
    const { session, header } = await engine.signIn(null, { data: { theme: "dark" } });
    const rotated = await rotate(header);
    expect(rotated.session).toEqual(session);
    expect(tokenOf(rotated.header).id).toBe(session.id);
    expect(tokenOf(rotated.header).secret).not.toBe(tokenOf(header).secret);
    expect(await engine.manager.read(rotated.header)).toEqual(session);
  });

  it("E1: is kept as a hash alone, like the one before", async () => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header);
    expect(await engine.store.find(session.id)).toMatchObject({
      secretHash: hashSecret(tokenOf(rotated.header).secret),
      previous: [
        { secretHash: hashSecret(tokenOf(header).secret), graceUntilMs: engine.time.nowMs + GRACE_MS },
      ],
    });
  });

  it("R8: its cookie lasts as long as the session may, counted from now", async () => {
    const { header } = await engine.signIn();
    engine.time.nowMs += 3_600_000;
    expect((await rotate(header)).setCookie).toContain(`; Max-Age=${EIGHT_HOURS - 3_600};`);
  });

  it("R6: lengthens nothing", async () => {
    const { session, header } = await engine.signIn();
    engine.time.nowMs += 3_600_000;
    expect((await rotate(header)).session.expiresAtMs).toBe(session.expiresAtMs);
  });

  it("comes with the user's new role, where rights change", async () => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header, { role: "Staff" });
    expect(rotated.session.user).toEqual({ ...session.user, role: "Staff" });
    expect((await engine.manager.read(rotated.header))?.user.role).toBe("Staff");
    expect((await rotate(rotated.header)).session.user.role).toBe("Staff");
  });

  it("R29: is remembered in the session's history", async () => {
    const { session, header } = await engine.signIn();
    await rotate(header);
    const events = await engine.store.events({ sessionId: session.id }, 10);
    expect(events.map(({ event }) => event)).toEqual(["rotated", "started"]);
  });
});

describe("R34: the secret before", () => {
  it("opens the session for ten seconds more, for requests on their way", async () => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header);
    engine.time.nowMs += GRACE_MS - 1;
    expect((await engine.manager.read(header))?.id).toBe(session.id);
    expect((await engine.manager.read(rotated.header))?.id).toBe(session.id);
  });

  it("C3: for as long as is set", async () => {
    engine = await openEngine({ rotationGraceSeconds: 60 });
    const { header } = await engine.signIn();
    await rotate(header);
    engine.time.nowMs += 59_999;
    expect(await engine.manager.read(header)).toBeDefined();
    engine.time.nowMs += 1;
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("C3: or not at all", async () => {
    engine = await openEngine({ rotationGraceSeconds: 0 });
    const { session, header } = await engine.signIn();
    await rotate(header);
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("replayed");
  });

  it("after that it ends the session: two have a copy, and nobody knows which is the thief", async () => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header);
    engine.time.nowMs += GRACE_MS;
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("replayed");
    expect(await engine.manager.read(rotated.header)).toBeUndefined();
    expect(engine.noted).toEqual([]);
  });

  it("R29: which the operator is told, once, and without a secret", async () => {
    const { session, header } = await engine.signIn();
    await rotate(header);
    engine.time.nowMs += GRACE_MS;
    await Promise.all([engine.manager.read(header), engine.manager.read(header)]);
    await engine.manager.read(header);
    expect(engine.logger.lines).toEqual([
      { level: "warn", fields: { sessionId: session.id }, message: expect.stringContaining("secret") },
    ]);
    const { secret } = tokenOf(header);
    const logged = JSON.stringify(engine.logger.lines);
    expect(logged).not.toContain(secret);
    expect(logged).not.toContain(hashSecret(secret).toString("hex"));
  });

  it.each([
    ["a sign-out", (header: string) => engine.manager.destroy(header)],
    ["a rotation", (header: string) => engine.manager.rotate(header)],
    ["a sign-in", (header: string) => engine.signIn(header)],
    ["a fresh look", (header: string) => engine.manager.read(header, { fresh: true })],
  ])("whatever it comes with: %s", async (_what, come) => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header);
    engine.time.nowMs += GRACE_MS;
    await come(header);
    expect(await engine.endOf(session.id)).toBe("replayed");
    expect(await engine.manager.read(rotated.header)).toBeUndefined();
  });

  it("and so does each one before it, for its own ten seconds", async () => {
    const { session, header } = await engine.signIn();
    const second = await rotate(header);
    engine.time.nowMs += GRACE_MS / 2;
    const third = await rotate(second.header);
    engine.time.nowMs += GRACE_MS / 2 - 1;
    for (const one of [header, second.header, third.header]) {
      expect((await engine.manager.read(one))?.id).toBe(session.id);
    }
    engine.time.nowMs += 1;
    expect((await engine.manager.read(second.header))?.id).toBe(session.id);
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("replayed");
  });

  it("of an ended session it is nothing to report", async () => {
    const { header } = await engine.signIn();
    const rotated = await rotate(header);
    await engine.manager.destroy(rotated.header);
    engine.time.nowMs += GRACE_MS;
    expect(await engine.manager.read(header)).toBeUndefined();
    expect(engine.logger.lines).toEqual([]);
  });

  it("R31: where the end cannot be written, the caller is told, and nobody is let in", async () => {
    const { header } = await engine.signIn();
    await rotate(header);
    engine.time.nowMs += GRACE_MS;
    engine.store.end = () => Promise.reject(new Error("away"));
    await expect(engine.manager.read(header)).rejects.toThrow("away");
  });
});

describe("R34: many rotations at once", () => {
  it.each([2, 5])(
    "%i requests, one new secret: the others are told that another answer brings it",
    async (count) => {
      const { session, header } = await engine.signIn();
      const rotating = Array.from({ length: count }, () => engine.manager.rotate(header));
      const rotated = await Promise.all(rotating);
      expect(rotated.map((one) => one?.session.id)).toEqual(Array(count).fill(session.id));
      const [setCookie, ...more] = rotated.flatMap((one) => one?.setCookie ?? []);
      expect(more).toEqual([]);
      expect(await engine.manager.read(sentBack(setCookie as string))).toBeDefined();
      expect(await engine.manager.read(header)).toBeDefined();
    },
  );

  it("one after the other with the old cookie, within the grace: no second cookie", async () => {
    const { session, header } = await engine.signIn();
    const rotated = await rotate(header);
    engine.time.nowMs += GRACE_MS - 1;
    expect(await engine.manager.rotate(header)).toEqual({ session, setCookie: undefined });
    expect(await engine.manager.read(rotated.header)).toBeDefined();
  });

  it("R3: new rights are set, whichever of two requests at once brings them", async () => {
    for (const rights of [
      [undefined, { role: "Staff" }],
      [{ role: "Staff" }, undefined],
    ]) {
      const { header } = await engine.signIn();
      const rotating = rights.map((wanted) => engine.manager.rotate(header, wanted));
      const setCookies = (await Promise.all(rotating)).flatMap((one) => one?.setCookie ?? []);
      expect(await engine.manager.read(sentBack(setCookies.at(-1) as string))).toMatchObject({
        user: { role: "Staff" },
      });
    }
  });

  it("R3: but new rights are set by whichever request brings them", async () => {
    const { header } = await engine.signIn();
    await rotate(header);
    const rotated = await rotate(header, { role: "Staff" });
    expect((await engine.manager.read(rotated.header))?.user.role).toBe("Staff");
  });

  it.each([2, 3, 8])(
    "R3: %i requests that bring the same new rights leave one session, with these",
    async (count) => {
      const { session, header } = await engine.signIn();
      const rotating = Array.from({ length: count }, () => engine.manager.rotate(header, { role: "Staff" }));
      const rotated = await Promise.all(rotating);
      expect(rotated.map((one) => one?.session.user.role)).toEqual(Array(count).fill("Staff"));
      const setCookies = rotated.flatMap((one) => one?.setCookie ?? []);
      expect(setCookies).toHaveLength(1);
      expect(await engine.manager.read(sentBack(setCookies[0] as string))).toMatchObject({
        id: session.id,
        user: { role: "Staff" },
      });
    },
  );
});

describe("E3: what is over is not rotated", () => {
  it.each([
    ["no cookie", () => null],
    ["an unknown session's", () => sentBack(engine.cookie.write(newToken(), 60))],
    ["nonsense", () => "__libero_session=nonsense"],
  ])("%s", async (_what, header) => {
    expect(await engine.manager.rotate(header())).toBeUndefined();
  });

  it("an expired session", async () => {
    const { session, header } = await engine.signIn();
    engine.time.nowMs += EIGHT_HOURS * 1_000;
    expect(await engine.manager.rotate(header)).toBeUndefined();
    expect((await engine.store.find(session.id))?.previous).toEqual([]);
  });

  it("an ended session", async () => {
    const { session, header } = await engine.signIn();
    await engine.manager.destroy(header);
    expect(await engine.manager.rotate(header)).toBeUndefined();
    expect(await engine.store.find(session.id)).toBeUndefined();
  });

  it("one that ended while it was being rotated", async () => {
    const { session, header } = await engine.signIn();
    const real = engine.store.rotate;
    engine.store.rotate = async (...args) => {
      await engine.store.end(session.id, "revoked");
      return real(...args);
    };
    expect(await engine.manager.rotate(header)).toBeUndefined();
    expect(await engine.store.find(session.id)).toBeUndefined();
  });
});
