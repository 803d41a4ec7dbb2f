import { beforeEach, describe, expect, it, vi } from "vitest";
import { SessionConflictError, SessionDataError } from "../../../app/lib/sessions/errors";
import { type SessionContext, withSession } from "../../../app/lib/sessions/middleware";
import { EIGHT_HOURS, type Engine, jason, openEngine } from "./support";

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ policy: { renewalLimitSeconds: 3 * EIGHT_HOURS } });
});

const requestWith = (cookie?: string) =>
  new Request("https://libero.example.com/app", { headers: cookie ? { cookie } : {} });

/** What a handler does; "ok" is the answer where it gives none. */
type Handle = (context: SessionContext, request: Request) => unknown;

type SignInOf = Parameters<typeof withSession>[0]["signIn"];

/** Sends a request through the middleware. */
async function send(cookie: string | undefined, handle: Handle, signIn?: SignInOf) {
  const handler = withSession({ sessions: engine.manager, signIn }, async (request, context) => {
    const answer = await handle(context, request);
    return answer instanceof Response ? answer : new Response("ok");
  });
  return handler(requestWith(cookie));
}

const dataOf = async (header: string) => (await engine.manager.read(header))?.data;

describe("C2: before the handler", () => {
  it("the session of the cookie is opened and handed over, with its data and the request", async () => {
    const { session, header } = await engine.signIn(null, { data: { theme: "dark" } });
    engine.time.nowMs += 1_000;
    const request = requestWith(header);
    const handle = vi.fn(() => new Response("ok"));
    await withSession({ sessions: engine.manager }, handle)(request);
    expect(handle).toHaveBeenCalledTimes(1);
    const [given, context] = handle.mock.calls[0] as unknown as [Request, SessionContext];
    expect(given).toBe(request);
    expect(context.session).toEqual({ ...session, lastActivityAtMs: engine.time.nowMs });
    expect(context.data.get("theme")).toBe("dark");
    expect(engine.noted).toEqual([[session.id, engine.time.nowMs]]);
  });

  it.each([
    ["no cookie", undefined],
    ["another's cookie", "__libero_session=nonsense"],
  ])("with %s nobody is signed in, and the handler is asked all the same", async (_what, cookie) => {
    const response = await send(cookie, ({ session, data }) => {
      expect(session).toBeUndefined();
      expect(data.get("theme")).toBeUndefined();
      return new Response("welcome", { status: 401 });
    });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe("welcome");
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("R31: a store that does not answer fails the request, before the handler could do anything", async () => {
    const { header } = await engine.signIn();
    engine.store.find = () => Promise.reject(new Error("away"));
    const handle = vi.fn();
    await expect(send(header, handle)).rejects.toThrow("away");
    expect(handle).not.toHaveBeenCalled();
  });
});

describe("C2: after the handler", () => {
  it("its answer is handed on as it is, where there is no cookie to set", async () => {
    const { header } = await engine.signIn();
    const answer = new Response("ok");
    expect(await send(header, () => answer)).toBe(answer);
  });

  it("changed data are saved, and nothing before", async () => {
    const { header } = await engine.signIn(null, { data: { theme: "dark", old: 1 } });
    await send(header, async ({ data }) => {
      data.set("theme", "light");
      data.unset("old");
      expect(await dataOf(header)).toEqual({ theme: "dark", old: 1 });
    });
    expect(await dataOf(header)).toEqual({ theme: "light" });
  });

  it("a flashed value is there for the next request, and for no other", async () => {
    const { header } = await engine.signIn();
    const seen: unknown[] = [];
    await send(header, ({ data }) => data.flash("message", "Saved"));
    for (let time = 0; time < 2; time += 1) {
      await send(header, ({ data }) => void seen.push(data.get("message")));
    }
    expect(seen).toEqual(["Saved", undefined]);
    expect(await dataOf(header)).toEqual({});
  });

  it("nothing is saved where nothing changed", async () => {
    const { header } = await engine.signIn(null, { data: { theme: "dark" } });
    const saveData = vi.spyOn(engine.store, "saveData");
    await send(header, ({ data }) => void data.get("theme"));
    expect(saveData).not.toHaveBeenCalled();
  });

  it("nothing is saved where nobody is signed in", async () => {
    const saveData = vi.spyOn(engine.store, "saveData");
    await send(undefined, ({ data }) => data.set("theme", "light"));
    expect(saveData).not.toHaveBeenCalled();
  });

  it("E2: two requests that change different keys at once both win", async () => {
    const { header } = await engine.signIn();
    await Promise.all(["a", "b", "c"].map((key) => send(header, ({ data }) => data.set(key, 1))));
    expect(await dataOf(header)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it("E2: changes that conflict fail the request: the handler has promised them", async () => {
    const { header } = await engine.signIn();
    const sending = send(header, async ({ data }) => {
      data.set("count", 1);
      await send(header, (other) => other.data.set("count", 2));
    });
    await expect(sending).rejects.toThrow(SessionConflictError);
    await expect(sending).rejects.toMatchObject({ keys: ["count"] });
    expect(await dataOf(header)).toEqual({ count: 2 });
  });

  it("changes that cannot be kept fail it too", async () => {
    const { header } = await engine.signIn();
    await expect(send(header, ({ data }) => data.set("bad", Number.NaN))).rejects.toThrow(SessionDataError);
  });

  it("a handler that fails saves nothing", async () => {
    const { header } = await engine.signIn();
    const sending = send(header, ({ data }) => {
      data.set("theme", "light");
      throw new Error("it broke");
    });
    await expect(sending).rejects.toThrow("it broke");
    expect(await dataOf(header)).toEqual({});
  });

  it("E6: the session is renewed where that is due", async () => {
    const { header } = await engine.signIn();
    engine.time.nowMs += (EIGHT_HOURS / 2) * 1_000;
    await send(header, () => {});
    expect((await engine.manager.read(header))?.expiresAtMs).toBe(engine.time.nowMs + EIGHT_HOURS * 1_000);
  });

  it("C2: a renewal that fails never fails the request", async () => {
    const { header } = await engine.signIn();
    engine.time.nowMs += (EIGHT_HOURS / 2) * 1_000;
    engine.store.renew = () => Promise.reject(new Error("away"));
    const response = await send(header, ({ data }) => data.set("theme", "light"));
    expect(await response.text()).toBe("ok");
    expect(await dataOf(header)).toEqual({ theme: "light" });
    expect(engine.logger.lines).toMatchObject([{ level: "warn", fields: { reason: "away" } }]);
  });

  it("E3: a session that ended while the handler worked is neither changed nor revived", async () => {
    const { session, header } = await engine.signIn();
    engine.time.nowMs += (EIGHT_HOURS / 2) * 1_000;
    const response = await send(header, async ({ data }) => {
      data.set("late", true);
      await engine.manager.destroy(header);
    });
    expect(response.status).toBe(200);
    expect(await engine.store.find(session.id)).toBeUndefined();
  });
});

describe("C2: signing in within the request", () => {
  const signInJason = async () => ({ clientId: engine.client.id, user: jason, data: { first: true } });
  const enter = (cookie: string | undefined, handle: Handle, signIn: SignInOf = signInJason) =>
    send(cookie, handle, signIn);

  it("starts a session, hands it over, and sets its cookie", async () => {
    let started: string | undefined;
    const response = await enter(undefined, ({ session, data }) => {
      started = session?.id;
      expect(session?.user).toEqual(jason);
      expect(data.get("first")).toBe(true);
      data.set("second", true);
    });
    const [setCookie, ...more] = response.headers.getSetCookie();
    expect(more).toEqual([]);
    const read = await engine.manager.read(setCookie?.split(";")[0]);
    expect(read?.id).toBe(started);
    expect(read?.data).toEqual({ first: true, second: true });
  });

  it("asks nobody who is signed in", async () => {
    const { header } = await engine.signIn();
    const signIn = vi.fn(signInJason);
    const response = await enter(header, () => {}, signIn);
    expect(signIn).not.toHaveBeenCalled();
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("is told the request, and may say no", async () => {
    const signIn = vi.fn(async () => undefined);
    const response = await enter("a=b", ({ session }) => expect(session).toBeUndefined(), signIn);
    const [[asked]] = signIn.mock.calls as unknown as [[Request]];
    expect(asked.headers.get("cookie")).toBe("a=b");
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("C4, R4: takes over nothing of the cookie that came", async () => {
    const { session, header } = await engine.signIn();
    await engine.manager.destroy(header);
    const response = await enter(header, () => {});
    const [token] = engine.cookie.read(response.headers.getSetCookie()[0]?.split(";")[0]);
    expect(token?.id).not.toBe(session.id);
    expect(token?.secret).not.toBe(engine.cookie.read(header)[0]?.secret);
  });

  it("C4: replaces the session of the cookie that came, where it is over", async () => {
    const { session, header } = await engine.signIn(null, { policy: { renewalLimitSeconds: 0 } });
    engine.time.nowMs += EIGHT_HOURS * 1_000;
    await enter(header, () => {});
    expect(await engine.endOf(session.id)).toBe("replaced");
  });

  it("fails the request where the session cannot be started", async () => {
    await engine.clients.uninstall(engine.client.tenantId);
    const handle = vi.fn();
    await expect(enter(undefined, handle)).rejects.toThrow("is not installed");
    expect(handle).not.toHaveBeenCalled();
  });

  it("R3: a rotation right after it rotates the new session, and one cookie is set", async () => {
    const response = await enter(undefined, async ({ rotate, data }) => {
      await rotate({ role: "Staff" });
      data.set("second", true);
    });
    const cookies = response.headers.getSetCookie();
    expect(cookies).toHaveLength(1);
    engine.time.nowMs += 60_000;
    expect(await engine.manager.read(cookies[0]?.split(";")[0])).toMatchObject({
      user: { role: "Staff" },
      data: { first: true, second: true },
    });
  });

  it("a sign-out right after it ends the new session", async () => {
    let id = "";
    const response = await enter(undefined, async ({ session, destroy }) => {
      id = session?.id ?? "";
      await destroy();
    });
    expect(await engine.endOf(id)).toBe("signed_out");
    expect(response.headers.getSetCookie()).toEqual([engine.cookie.clear()]);
  });
});
