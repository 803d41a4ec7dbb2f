import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError } from "../../../app/lib/base/errors";
import { createMemoryStores } from "../../../app/lib/session-stores/memory";
import { createSessionEngine, type SessionEngineOptions } from "../../../app/lib/sessions/engine";
import { DEFAULT_POLICY } from "../../../app/lib/sessions/policy";
import { aClient } from "../../support/examples";
import { EIGHT_HOURS, ENCRYPTION_SECRET, jason, recordingLogger, SECRET, START, sentBack } from "./support";

/** The engine as somebody who starts from nothing puts it together, with what they change. */
async function openEngine(changes: Partial<SessionEngineOptions> = {}) {
  const time = { nowMs: START };
  const clock = () => time.nowMs;
  const { clients, sessions: store } = createMemoryStores(clock);
  const logger = recordingLogger();
  const cookie = { name: "staff" };
  const engine = createSessionEngine({ store, logger, secrets: [SECRET], cookie, clock, ...changes });
  const { id: clientId } = await clients.install(aClient("old-oak"));
  const signIn = (more = {}) => engine.sessions.start({ clientId, user: jason, ...more });
  return { ...engine, store, logger, time, signIn };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("left to itself", () => {
  it("A5: sessions last eight hours, two of them without use, and are not renewed", async () => {
    const { signIn } = await openEngine();
    const { session, setCookie } = await signIn();
    expect(session.expiresAtMs - session.createdAtMs).toBe(EIGHT_HOURS * 1_000);
    expect(session.renewableUntilMs).toBe(session.expiresAtMs);
    expect(session.idleTimeoutSeconds).toBe(2 * 60 * 60);
    expect(setCookie).toContain(`; Max-Age=${EIGHT_HOURS};`);
  });

  it("R9: a user has any number of sessions; where a client limits them, the oldest ends", () => {
    expect(DEFAULT_POLICY).toMatchObject({ maxSessionsPerUser: 0, atSessionLimit: "end-oldest" });
  });

  it("R20, R21, R23: the cookie is HttpOnly, Lax, for the whole site, and signed", async () => {
    const { signIn } = await openEngine();
    const { setCookie } = await signIn();
    expect(setCookie).toMatch(/^staff=[\w-]{36}\.[\w-]{43}\.[\w-]{43};/);
    expect(setCookie.split("; ").slice(1).sort()).toEqual(
      [`Max-Age=${EIGHT_HOURS}`, "HttpOnly", "Path=/", "SameSite=Lax"].sort(),
    );
  });

  it("R34: a replaced secret is good for ten seconds more", async () => {
    const { sessions, signIn, time } = await openEngine();
    const header = sentBack((await signIn()).setCookie);
    await sessions.rotate(header);
    time.nowMs += 9_999;
    expect(await sessions.read(header)).toBeDefined();
    time.nowMs += 1;
    expect(await sessions.read(header)).toBeUndefined();
  });

  it("a session's data take 64 KB", async () => {
    const { sessions, signIn } = await openEngine();
    const { session } = await signIn();
    const saving = sessions.saveData(session, { set: { a: "x".repeat(65_536) } });
    await expect(saving).rejects.toThrow("at most 65536 are allowed");
    expect(await sessions.saveData(session, { set: { a: "x".repeat(65_000) } })).toBeDefined();
  });

  it("the time is the system's", async () => {
    const { signIn } = await openEngine({ clock: undefined });
    const before = Date.now();
    const { session } = await signIn();
    expect(session.createdAtMs).toBeGreaterThanOrEqual(before);
    expect(session.createdAtMs).toBeLessThanOrEqual(Date.now());
  });
});

describe("C3: what is set reaches its part", () => {
  it("the policy, setting by setting", async () => {
    const { signIn } = await openEngine({ policy: { maxAgeSeconds: 900, renewalLimitSeconds: 1_800 } });
    const { session } = await signIn();
    expect(session).toMatchObject({ maxAgeSeconds: 900, idleTimeoutSeconds: 2 * 60 * 60 });
    expect(session.renewableUntilMs - session.createdAtMs).toBe(1_800_000);
  });

  it("the cookie's name and attributes", async () => {
    const cookie = {
      name: "s",
      path: "/libero",
      domain: "example.com",
      sameSite: "strict",
      secure: true,
    } as const;
    const { signIn } = await openEngine({ cookie });
    const [pair, ...attributes] = (await signIn()).setCookie.split("; ");
    expect(pair).toMatch(/^s=/);
    expect(attributes.sort()).toEqual(
      [
        `Max-Age=${EIGHT_HOURS}`,
        "Domain=example.com",
        "Path=/libero",
        "HttpOnly",
        "Secure",
        "SameSite=Strict",
      ].sort(),
    );
  });

  it("R24, R33: the secrets of both kinds", async () => {
    const encrypting = await openEngine({ encryptionSecrets: [ENCRYPTION_SECRET] });
    const header = sentBack((await encrypting.signIn()).setCookie);
    expect(header).toMatch(/^staff=e1\./);
    expect(await encrypting.sessions.read(header)).toBeDefined();
    const signing = await openEngine({ secrets: ["second-signing-key-of-thirty-two-or-more", SECRET] });
    const { session, setCookie } = await signing.signIn();
    expect(await signing.sessions.read(sentBack(setCookie))).toMatchObject({ id: session.id });
  });

  it("R34: the grace", async () => {
    const { sessions, signIn, time } = await openEngine({ rotationGraceSeconds: 30 });
    const header = sentBack((await signIn()).setCookie);
    await sessions.rotate(header);
    time.nowMs += 29_999;
    expect(await sessions.read(header)).toBeDefined();
  });

  it("the size of the data", async () => {
    const { sessions, signIn } = await openEngine({ dataMaxBytes: 50 });
    const { session } = await signIn();
    const saving = sessions.saveData(session, { set: { a: "x".repeat(50) } });
    await expect(saving).rejects.toThrow("at most 50 are allowed");
  });

  it("A5: activity reaches the store within a second, or when it is flushed", async () => {
    const { sessions, activity, signIn, store, time } = await openEngine();
    const { session, setCookie } = await signIn();
    const lastActivity = async () => (await store.find(session.id))?.session.lastActivityAtMs;
    time.nowMs += 5_000;
    await sessions.read(sentBack(setCookie));
    expect(await lastActivity()).toBe(START);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await lastActivity()).toBe(START + 5_000);
    time.nowMs += 5_000;
    await sessions.read(sentBack(setCookie));
    await activity.flush();
    expect(await lastActivity()).toBe(START + 10_000);
  });

  it("R29, R31: what goes wrong is logged where it was asked for", async () => {
    const { sessions, activity, signIn, store, logger, time } = await openEngine({
      policy: { renewalLimitSeconds: 2 * EIGHT_HOURS, idleTimeoutSeconds: 0 },
    });
    const { session, setCookie } = await signIn();
    Object.assign(store, {
      renew: () => Promise.reject(new Error("away")),
      touch: () => Promise.reject(new Error("away")),
    });
    time.nowMs = session.expiresAtMs - 1;
    await sessions.refresh(session);
    await sessions.read(sentBack(setCookie));
    await activity.flush();
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });
});

it.each([
  ["no secret", { secrets: [] }],
  ["a short secret", { secrets: ["short"] }],
  ["a short encryption secret", { encryptionSecrets: ["short"] }],
  ["a cookie that browsers refuse", { cookie: { name: "s", sameSite: "none" as const } }],
])("R2, R21: is not made with %s", async (_what, changes) => {
  await expect(openEngine(changes)).rejects.toThrow(ConfigurationError);
});

it("C1: the manager tells its store", async () => {
  const { sessions, store } = await openEngine();
  expect(sessions.store).toBe(store);
});
