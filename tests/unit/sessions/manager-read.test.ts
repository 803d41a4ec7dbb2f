import { beforeEach, expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, type Engine, openEngine, sentBack } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine();
});

it("A3: the cookie alone opens the session", async () => {
  const { session, header } = await engine.signIn();
  expect(await engine.manager.read(`theme=dark; ${header}`)).toEqual(session);
});

it("A5: reading notes the activity, at the time of the request", async () => {
  const { session, header } = await engine.signIn();
  engine.time.nowMs += 12_345;
  const read = await engine.manager.read(header);
  expect(read?.lastActivityAtMs).toBe(engine.time.nowMs);
  expect(engine.noted).toEqual([[session.id, engine.time.nowMs]]);
});

it("A5, R6: a session lives to the last millisecond of its eight hours and not one more", async () => {
  const { header } = await engine.signIn();
  engine.time.nowMs += EIGHT_HOURS * 1_000 - 1;
  expect(await engine.manager.read(header)).toBeDefined();
  engine.time.nowMs += 1;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("R6, R7: activity does not lengthen it", async () => {
  const { session, header } = await engine.signIn();
  for (let hour = 0; hour < 7; hour += 1) {
    engine.time.nowMs += 60 * 60 * 1_000;
    expect((await engine.manager.read(header))?.expiresAtMs).toBe(session.expiresAtMs);
  }
  engine.time.nowMs += 60 * 60 * 1_000;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("R8: what the browser does with Max-Age decides nothing", async () => {
  const { header } = await engine.signIn(null, { policy: { maxAgeSeconds: 900 } });
  engine.time.nowMs += 900_000;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("R1, R2: a right id with a secret that is not its own opens nothing, however well it is signed", async () => {
  const { session } = await engine.signIn();
  const forged = sentBack(engine.cookie.write({ ...newToken(), id: session.id }, 60));
  expect(engine.cookie.read(forged)).toHaveLength(1);
  expect(await engine.manager.read(forged)).toBeUndefined();
  expect(engine.noted).toEqual([]);
});

it("R2: the secret of one session does not open another", async () => {
  const [one, other] = [await engine.signIn(), await engine.signIn()];
  const { secret } = engine.cookie.read(one.header)[0] ?? newToken();
  const crossed = sentBack(engine.cookie.write({ id: other.session.id, secret }, 60));
  expect(await engine.manager.read(crossed)).toBeUndefined();
});

it("fresh is passed on to the store, and memory will do where it is not asked for", async () => {
  const { header } = await engine.signIn();
  const asked: unknown[] = [];
  const find = engine.store.find;
  engine.store.find = (id, options) => {
    asked.push(options?.fresh ?? false);
    return find(id, options);
  };
  await engine.manager.read(header);
  await engine.manager.read(header, { fresh: true });
  await engine.manager.read(header, {});
  expect(asked).toEqual([false, true, false]);
});

it("R31: a store that does not answer is the caller's to know: nobody is signed in, and nobody out", async () => {
  const { header } = await engine.signIn();
  const find = engine.store.find;
  engine.store.find = () => Promise.reject(new Error("away"));
  await expect(engine.manager.read(header)).rejects.toThrow("away");
  engine.store.find = find;
  expect(await engine.manager.read(header)).toBeDefined();
});

it("E12: a signed cookie of an unknown session opens nothing and makes nothing", async () => {
  const unknown = newToken();
  expect(await engine.manager.read(sentBack(engine.cookie.write(unknown, 60)))).toBeUndefined();
  expect(await engine.store.find(unknown.id)).toBeUndefined();
});

it("an expired session is not noted as active", async () => {
  const { header } = await engine.signIn();
  engine.time.nowMs += EIGHT_HOURS * 1_000;
  await engine.manager.read(header);
  expect(engine.noted).toEqual([]);
});

it("R2: a cookie that we did not sign asks the store nothing", async () => {
  const { header } = await engine.signIn();
  let asked = 0;
  const find = engine.store.find;
  engine.store.find = (id, options) => {
    asked += 1;
    return find(id, options);
  };
  await engine.manager.read(`${header}x`);
  expect(asked).toBe(0);
  await engine.manager.read(header);
  expect(asked).toBe(1);
});

it("R10, R11: uninstalling the client ends its sessions at once", async () => {
  const { header } = await engine.signIn();
  await engine.clients.uninstall(engine.client.tenantId);
  expect(await engine.manager.read(header)).toBeUndefined();
});
