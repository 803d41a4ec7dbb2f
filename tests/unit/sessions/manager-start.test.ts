import { beforeEach, describe, expect, it } from "vitest";
import { ClientNotInstalledError } from "../../../app/lib/base/errors";
import { SessionDataError, SessionLimitError, SignInOvertakenError } from "../../../app/lib/sessions/errors";
import { timesOf } from "../../../app/lib/sessions/policy";
import { hashSecret, newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, type Engine, jason, NAME, openEngine, sentBack } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine();
});

it("A2: a session knows who signed in, to which winery, since when and until when", async () => {
  const { manager, client, time } = engine;
  const data = { theme: "dark" };
  const { session } = await manager.start({ clientId: client.id, user: jason, data });
  expect(session).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    clientId: client.id,
    tenantId: client.tenantId,
    user: jason,
    data,
    revision: 0,
    origin: "open",
    device: null,
    createdAtMs: time.nowMs,
    expiresAtMs: time.nowMs + EIGHT_HOURS * 1_000,
    renewableUntilMs: time.nowMs + EIGHT_HOURS * 1_000,
    maxAgeSeconds: EIGHT_HOURS,
    idleTimeoutSeconds: 0,
    lastActivityAtMs: time.nowMs,
  });
});

it("E5: a session knows its browser, and how it began", async () => {
  const { session, header } = await engine.signIn(null, { origin: "install", device: "Firefox on Windows" });
  expect(session).toMatchObject({ origin: "install", device: "Firefox on Windows", data: {} });
  expect(await engine.manager.read(header)).toEqual(session);
});

it("A5: lasts as long as the policy says, for server and browser alike", async () => {
  const { setCookie } = await engine.signIn();
  expect(setCookie).toContain(`; Max-Age=${EIGHT_HOURS};`);
  const short = await openEngine({ policy: { maxAgeSeconds: 900 } });
  const { session, setCookie: shorter } = await short.signIn();
  expect(session.expiresAtMs - session.createdAtMs).toBe(900_000);
  expect(shorter).toContain("; Max-Age=900;");
});

it("E6: a client's own policy goes before, setting by setting, and stays with the session", async () => {
  engine = await openEngine({ policy: { idleTimeoutSeconds: 600, renewalLimitSeconds: 2 * EIGHT_HOURS } });
  const { session } = await engine.signIn(null, { policy: { maxAgeSeconds: 900, idleTimeoutSeconds: 0 } });
  const policy = { maxAgeSeconds: 900, idleTimeoutSeconds: 0, renewalLimitSeconds: 2 * EIGHT_HOURS };
  expect(session).toMatchObject(
    timesOf({ ...policy, maxSessionsPerUser: 0, atSessionLimit: "end-oldest" }, engine.time.nowMs),
  );
});

it("R8: where a session is renewed with use, the browser keeps the cookie as long as renewal may reach", async () => {
  const { setCookie } = await engine.signIn(null, { policy: { renewalLimitSeconds: 2 * EIGHT_HOURS } });
  expect(setCookie).toContain(`; Max-Age=${2 * EIGHT_HOURS};`);
});

describe("R9: as many sessions of a user as the policy allows", () => {
  it("the oldest ends where one more begins", async () => {
    const policy = { maxSessionsPerUser: 2 };
    const first = await engine.signIn(null, { policy });
    engine.time.nowMs += 1;
    const second = await engine.signIn(null, { policy });
    engine.time.nowMs += 1;
    await engine.signIn(null, { policy });
    expect(await engine.endOf(first.session.id)).toBe("limit");
    expect(await engine.manager.read(first.header)).toBeUndefined();
    expect(await engine.manager.read(second.header)).toBeDefined();
  });

  it("or the new one is refused, and nothing ends", async () => {
    const policy = { maxSessionsPerUser: 1, atSessionLimit: "refuse-new" as const };
    const { header } = await engine.signIn(null, { policy });
    await expect(engine.signIn(null, { policy })).rejects.toThrow(SessionLimitError);
    expect(await engine.manager.read(header)).toBeDefined();
  });

  it("one that replaces the browser's own is no session more", async () => {
    const policy = { maxSessionsPerUser: 1, atSessionLimit: "refuse-new" as const };
    const first = await engine.signIn(null, { policy });
    const { header } = await engine.signIn(first.header, { policy });
    expect(await engine.manager.read(header)).toBeDefined();
    expect(await engine.endOf(first.session.id)).toBe("replaced");
  });
});

describe("R14, E3: a sign-in that began before all sessions were ended is one of those", () => {
  it("where it began before its user was verified", async () => {
    const { client, manager, store } = engine;
    const ticket = await manager.beginSignIn();
    await store.endAll({ clientId: client.id }, "revoked_by_admin");
    const signIn = { clientId: client.id, user: jason };
    await expect(manager.start({ ...signIn, ticket })).rejects.toThrow(SignInOvertakenError);
    await expect(manager.start(signIn)).resolves.toBeDefined();
  });

  it("where they were ended while it looked for the session that it replaces", async () => {
    const { client, store } = engine;
    const { header } = await engine.signIn();
    const find = store.find;
    store.find = async (...args) => {
      const found = await find(...args);
      await store.endAll({ clientId: client.id }, "revoked_by_admin");
      return found;
    };
    await expect(engine.signIn(header)).rejects.toThrow(SignInOvertakenError);
  });

  it("and no clock decides: one that begins after is accepted, by an instance whose clock is behind too", async () => {
    const { client, store, elsewhere, time } = engine;
    await store.endAll({ clientId: client.id, userId: jason.id }, "revoked");
    time.nowMs -= 5_000;
    const ticket = await elsewhere.beginSignIn();
    await expect(elsewhere.start({ clientId: client.id, user: jason, ticket })).resolves.toBeDefined();
  });
});

describe("data that cannot be kept are refused", () => {
  it("and the old session goes on", async () => {
    const { header } = await engine.signIn();
    const signingIn = engine.signIn(header, { data: { at: new Date() as never } });
    await expect(signingIn).rejects.toThrow(
      new SessionDataError('session data "at" is no JSON value (Date)'),
    );
    expect(await engine.manager.read(header)).toBeDefined();
  });

  it("C3: nor what is larger than the limit that is set", async () => {
    engine = await openEngine({ dataMaxBytes: 20 });
    await expect(engine.signIn(null, { data: { note: "x".repeat(10) } })).rejects.toThrow(
      "at most 20 are allowed",
    );
    expect((await engine.signIn(null, { data: { note: "x" } })).session.data).toEqual({ note: "x" });
  });

  it("and nothing is started", async () => {
    const signingIn = engine.signIn(null, { data: { note: "\0" } });
    await expect(signingIn).rejects.toThrow(SessionDataError);
    expect((await engine.store.totals(engine.time.nowMs)).total).toBe(0);
  });
});

it("E1, R36: the store holds the secret's hash, and the secret nowhere", async () => {
  const { session, header } = await engine.signIn();
  const { secret } = engine.cookie.read(header)[0] ?? newToken();
  const stored = await engine.store.find(session.id);
  expect(stored?.secretHash).toEqual(hashSecret(secret));
  const everything = JSON.stringify(stored) + stored?.secretHash.toString("utf8");
  expect(everything).not.toContain(secret);
  expect(JSON.stringify(session)).not.toContain(secret);
});

it("a client that is not installed gets no session, and the old one goes on", async () => {
  const { header } = await engine.signIn();
  const signIn = { clientId: "00000000-0000-4000-8000-000000000000", user: jason };
  await expect(engine.manager.start(signIn, header)).rejects.toThrow(ClientNotInstalledError);
  expect(await engine.manager.read(header)).toBeDefined();
});

describe("C4, R3: no session fixation", () => {
  it("a sign-in changes id and secret, and the old session is gone", async () => {
    const first = await engine.signIn();
    const second = await engine.signIn(first.header);
    const [[before], [after]] = [engine.cookie.read(first.header), engine.cookie.read(second.header)];
    expect(after?.id).not.toBe(before?.id);
    expect(after?.secret).not.toBe(before?.secret);
    expect(await engine.manager.read(first.header)).toBeUndefined();
    expect(await engine.store.find(first.session.id)).toBeUndefined();
    expect(await engine.endOf(first.session.id)).toBe("replaced");
    expect((await engine.manager.read(second.header))?.id).toBe(second.session.id);
  });

  it("R4, E12: nothing of a cookie that we signed but know no session of is taken over", async () => {
    const planted = newToken();
    const header = sentBack(engine.cookie.write(planted, 60));
    const { session, header: given } = await engine.signIn(header);
    expect(session.id).not.toBe(planted.id);
    expect(engine.cookie.read(given)[0]?.secret).not.toBe(planted.secret);
    expect(await engine.store.find(planted.id)).toBeUndefined();
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("R4: the cookie of an ended session is not revived by signing in with it", async () => {
    const first = await engine.signIn();
    await engine.manager.destroy(first.header);
    const second = await engine.signIn(first.header);
    expect(second.session.id).not.toBe(first.session.id);
    expect(await engine.manager.read(first.header)).toBeUndefined();
  });

  it("nothing of the old session is taken over: no data, no role, no time", async () => {
    const first = await engine.signIn(null, { data: { cart: [1] } });
    engine.time.nowMs += 1_000;
    const { session } = await engine.signIn(first.header, { user: { ...jason, role: "Staff" } });
    expect(session.data).toEqual({});
    expect(session.user.role).toBe("Staff");
    expect(session.createdAtMs).toBe(engine.time.nowMs);
  });

  it("E10: a sign-in to another winery ends the browser's session at the first one", async () => {
    const first = await engine.signIn();
    const other = await engine.clients.install({
      tenantId: "new-oak",
      installSettings: {},
      contactEmail: null,
    });
    await engine.signIn(first.header, { clientId: other.id });
    expect(await engine.endOf(first.session.id)).toBe("replaced");
  });

  it("R34: the secret before a rotation is replaced too, within its grace", async () => {
    const first = await engine.signIn();
    await engine.manager.rotate(first.header);
    await engine.signIn(first.header);
    expect(await engine.endOf(first.session.id)).toBe("replaced");
  });

  it("R2: an id whose signature is not ours ends nobody's session", async () => {
    const victim = await engine.signIn();
    await engine.signIn(`${NAME}=${victim.session.id}.${newToken().secret}.${newToken().secret}`);
    expect(await engine.manager.read(victim.header)).toBeDefined();
  });

  it.each(["", "__libero_session=nonsense", undefined, null])(
    "a cookie of %j replaces nothing",
    async (header) => {
      const { header: given } = await engine.signIn(header);
      expect(await engine.manager.read(given)).toBeDefined();
    },
  );
});
