import { beforeEach, describe, expect, it, vi } from "vitest";
import { type SessionContext, withSession } from "../../../app/lib/sessions/middleware";
import { EIGHT_HOURS, type Engine, openEngine } from "./support";

let engine: Engine;
let header: string;
let sessionId: string;
beforeEach(async () => {
  engine = await openEngine();
  ({
    header,
    session: { id: sessionId },
  } = await engine.signIn());
});

function send(
  handle: (context: SessionContext) => Promise<unknown>,
  answer: () => Response = () => new Response("ok"),
  cookie: string | undefined = header,
) {
  const handler = withSession({ sessions: engine.manager }, async (_request, context) => {
    await handle(context);
    return answer();
  });
  return handler(new Request("https://libero.example.com/", { headers: { cookie } }));
}

const readLater = (setCookie: string | undefined) => {
  engine.time.nowMs += 60_000;
  return engine.manager.read(setCookie?.split(";")[0]);
};

describe("destroying in a handler", () => {
  it("C1, C2: ends the session, and the answer removes the cookie", async () => {
    const response = await send(({ destroy }) => destroy());
    expect(response.headers.getSetCookie()).toEqual([engine.cookie.clear()]);
    expect(await engine.endOf(sessionId)).toBe("signed_out");
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("E3: saves and renews nothing after, whatever was changed before", async () => {
    const saveData = vi.spyOn(engine.store, "saveData");
    const renew = vi.spyOn(engine.store, "renew");
    const refresh = vi.spyOn(engine.manager, "refresh");
    engine.time.nowMs += (EIGHT_HOURS - 1) * 1_000;
    await send(async ({ data, destroy }) => {
      data.set("theme", "light");
      await destroy();
    });
    expect(saveData).not.toHaveBeenCalled();
    expect(renew).not.toHaveBeenCalled();
    expect(refresh).not.toHaveBeenCalled();
  });

  it("wins over a rotation before it and after it", async () => {
    const response = await send(async ({ rotate, destroy }) => {
      await rotate();
      await destroy();
      await rotate();
    });
    expect(response.headers.getSetCookie()).toEqual([engine.cookie.clear()]);
    expect(await engine.endOf(sessionId)).toBe("signed_out");
  });

  it("removes the cookie of somebody who is not signed in, too", async () => {
    const response = await send(({ destroy }) => destroy(), undefined, "__libero_session=nonsense");
    expect(response.headers.getSetCookie()).toEqual([engine.cookie.clear()]);
  });
});

describe("rotating in a handler", () => {
  it("R3: sets the new secret's cookie; the old secret is good for its grace", async () => {
    const response = await send(({ rotate }) => rotate());
    const [setCookie, ...more] = response.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(await engine.manager.read(header)).toBeDefined();
    expect((await readLater(setCookie))?.id).toBe(sessionId);
    expect(await engine.manager.read(header)).toBeUndefined();
  });

  it("R3: sets the new role, and what the handler changed is saved", async () => {
    const response = await send(async ({ data, rotate }) => {
      data.set("theme", "light");
      await rotate({ role: "Staff" });
    });
    const [setCookie] = response.headers.getSetCookie();
    expect(await readLater(setCookie)).toMatchObject({ data: { theme: "light" }, user: { role: "Staff" } });
  });

  it("R34: twice in one request sets one cookie, which is the one that works", async () => {
    const response = await send(async ({ rotate }) => {
      await rotate();
      await rotate();
    });
    const [setCookie, ...more] = response.headers.getSetCookie();
    expect(more).toEqual([]);
    expect((await readLater(setCookie))?.id).toBe(sessionId);
  });

  it("R34: of two requests at once, one sets a cookie", async () => {
    const responses = await Promise.all([send(({ rotate }) => rotate()), send(({ rotate }) => rotate())]);
    const setCookies = responses.flatMap((response) => response.headers.getSetCookie());
    expect(setCookies).toHaveLength(1);
    expect((await readLater(setCookies[0]))?.id).toBe(sessionId);
  });

  it("sets nothing where nobody is signed in", async () => {
    const response = await send(({ rotate }) => rotate(), undefined, "a=b");
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe("the answer that carries the cookie", () => {
  it("keeps its status, its text, its headers and its body", async () => {
    const response = await send(
      ({ rotate }) => rotate(),
      () =>
        new Response("created", { status: 201, statusText: "Made", headers: { "x-a": "1", etag: '"2"' } }),
    );
    expect([response.status, response.statusText]).toEqual([201, "Made"]);
    expect([response.headers.get("x-a"), response.headers.get("etag")]).toEqual(["1", '"2"']);
    expect(await response.text()).toBe("created");
  });

  it("keeps the cookies that the handler sets, one by one", async () => {
    const response = await send(
      ({ rotate }) => rotate(),
      () => {
        const headers = new Headers();
        headers.append("Set-Cookie", "theme=dark; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
        headers.append("Set-Cookie", "lang=en");
        return new Response("ok", { headers });
      },
    );
    expect(response.headers.getSetCookie()).toEqual([
      "theme=dark; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "lang=en",
      expect.stringMatching(/^__libero_session=/),
    ]);
  });

  it("may be thrown, as some handlers throw their redirects: what the request changed is kept", async () => {
    const response = await send(
      async ({ data, rotate }) => {
        data.set("theme", "light");
        await rotate();
      },
      () => {
        throw Response.redirect("https://libero.example.com/app", 303);
      },
    );
    expect(response.status).toBe(303);
    expect((await readLater(response.headers.getSetCookie()[0]))?.data).toMatchObject({ theme: "light" });
  });

  it.each([
    ["a redirect", () => Response.redirect("https://libero.example.com/app", 303), 303],
    ["an answer without a body", () => new Response(null, { status: 204 }), 204],
    ["an answer from elsewhere", () => Response.json({ ok: true }), 200],
  ])("may be one whose headers cannot be changed: %s", async (_what, answer, status) => {
    const response = await send(({ destroy }) => destroy(), answer);
    expect(response.status).toBe(status);
    expect(response.headers.get("location")).toBe(answer().headers.get("location"));
    expect(response.headers.getSetCookie()).toEqual([engine.cookie.clear()]);
  });
});
