import { beforeEach, describe, expect, it } from "vitest";
import { ClientNotInstalledError } from "../../../app/lib/base/errors";
import { hashSecret, newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, jason, openEngine, sentBack } from "./support";

let engine: Awaited<ReturnType<typeof openEngine>>;
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
    createdAtMs: time.nowMs,
    expiresAtMs: time.nowMs + EIGHT_HOURS * 1_000,
    lastActivityAtMs: time.nowMs,
  });
});

it("A5: lasts as long as the sign-in says, for server and browser alike", async () => {
  const { session, setCookie } = await engine.signIn(null, { maxAgeSeconds: 900 });
  expect(session.expiresAtMs - session.createdAtMs).toBe(900_000);
  expect(setCookie).toContain("; Max-Age=900;");
  const { setCookie: byDefault } = await engine.signIn();
  expect(byDefault).toContain(`; Max-Age=${EIGHT_HOURS};`);
});

it("E1, R36: the store holds the secret's hash, and the secret nowhere", async () => {
  const { session, header } = await engine.signIn();
  const { secret } = engine.cookie.read(header) ?? newToken();
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
    const [before, after] = [engine.cookie.read(first.header), engine.cookie.read(second.header)];
    expect(after?.id).not.toBe(before?.id);
    expect(after?.secret).not.toBe(before?.secret);
    expect(await engine.manager.read(first.header)).toBeUndefined();
    expect(await engine.store.find(first.session.id)).toBeUndefined();
    expect((await engine.manager.read(second.header))?.id).toBe(second.session.id);
  });

  it("R4, E12: nothing of a cookie that we signed but know no session of is taken over", async () => {
    const planted = newToken();
    const header = sentBack(engine.cookie.write(planted, 60));
    const { session, header: given } = await engine.signIn(header);
    expect(session.id).not.toBe(planted.id);
    expect(engine.cookie.read(given)?.secret).not.toBe(planted.secret);
    expect(await engine.store.find(planted.id)).toBeUndefined();
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("R4: the cookie of an ended session is not revived by signing in with it", async () => {
    const first = await engine.signIn();
    await engine.manager.end(first.header);
    const second = await engine.signIn(first.header);
    expect(second.session.id).not.toBe(first.session.id);
    expect(await engine.manager.read(first.header)).toBeUndefined();
  });

  it("an id without its secret ends nobody's session", async () => {
    const victim = await engine.signIn();
    const forged = sentBack(engine.cookie.write({ ...newToken(), id: victim.session.id }, 60));
    await engine.signIn(forged);
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
