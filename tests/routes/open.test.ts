import { beforeEach, describe, expect, it } from "vitest";
import { action, loader } from "~/routes/app";
import { call, cookieOf, get, openApp, post, sessionIdOf, TENANT } from "../support/routes";

const world = openApp();
beforeEach(() => world.install());

/** Opens the app from the admin, in a browser that has this cookie. */
const open = (changes: Record<string, string> = {}, cookie?: string) =>
  call(loader, get(world.openingUrl(changes), cookie));

const newest = async () => {
  const { rows } = await world.sql.query(
    "select * from public.app_sessions order by created_at desc limit 1",
  );
  return rows[0];
};

describe("A2: opened by a staff member", () => {
  it("asks Commerce7 once, creates a session and leads to a clean /app", async () => {
    const calls = world.sandbox.accountCalls();
    const answer = await open();
    expect(answer).toRedirectTo("/app");
    expect(answer).toSetSessionCookie();
    expect(world.sandbox.accountCalls()).toBe(calls + 1);
    expect(await newest()).toMatchObject({
      id: sessionIdOf(cookieOf(answer)),
      user_id: "12211212-2706-4e36-bcf5-57a9248edcdf",
      user_name: "Jason Andres",
      user_email: "jason@spectrawinery.example",
      user_role: "Admin Owner",
    });
  });

  it("R26: the answer that saw the token is kept by nobody and tells nobody its address", async () => {
    const account = world.sandbox.accountToken(TENANT);
    const answer = await open({ account, adminUITheme: "dark", orderId: "7" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    const said = JSON.stringify([...answer.headers]) + JSON.stringify(answer.body);
    expect(said).not.toContain(account);
    expect(JSON.stringify(await newest())).not.toContain(account);
  });

  it("R26: of the address, only what record pages add is kept", async () => {
    const more = {
      orderId: "4f1 /é&x",
      customerId: "c1",
      adminUITheme: "dark",
      next: "https://evil.example",
    };
    const answer = await open(more);
    expect(answer).toRedirectTo("/app?orderId=4f1+%2F%C3%A9%26x&customerId=c1");
  });

  it("A3: the session that it created opens the app by itself", async () => {
    const cookie = cookieOf(await open());
    const calls = world.sandbox.accountCalls();
    const answer = await call(loader, get("/app", cookie));
    expect(answer.body.session).toMatchObject({
      tenantId: TENANT,
      user: { name: "Jason Andres", role: "Admin Owner" },
    });
    expect(world.sandbox.accountCalls()).toBe(calls);
  });

  it.each(["light", "dark"])("the admin's theme (%s) is remembered in the session", async (adminUITheme) => {
    const cookie = cookieOf(await open({ adminUITheme }));
    expect((await call(loader, get("/app", cookie))).body.theme).toBe(adminUITheme);
  });

  it("the client's theme is taken where the admin names none, or one that nobody knows", async () => {
    await world.sql.query("update public.clients set default_theme = 'dark'");
    for (const changes of [{}, { adminUITheme: "blue" }]) {
      const cookie = cookieOf(await open(changes as Record<string, string>));
      expect((await call(loader, get("/app", cookie))).body.theme).toBe("dark");
    }
    const chosen = cookieOf(await open({ adminUITheme: "light" }));
    expect((await call(loader, get("/app", chosen))).body.theme).toBe("light");
  });

  it("with neither, the browser has the choice", async () => {
    expect((await call(loader, get("/app", cookieOf(await open())))).body.theme).toBeNull();
  });

  it("E6: the client's own session lifetime is honoured", async () => {
    await world.sql.query("update public.clients set session_max_age_seconds = 1800");
    const answer = await open();
    expect(answer.headers.getSetCookie()[0]).toContain("; Max-Age=1800;");
    const { created_at, expires_at } = await newest();
    expect(expires_at - created_at).toBe(1_800_000);
  });
});

describe("C4, E12: whoever the browser was before", () => {
  it("its old session is gone, and the new one has another id and another secret", async () => {
    const before = cookieOf(await open());
    const after = cookieOf(await open({}, before));
    expect(sessionIdOf(after)).not.toBe(sessionIdOf(before));
    expect(after.split(".")[1]).not.toBe(before.split(".")[1]);
    expect(await call(loader, get("/app", before))).toRedirectTo("/");
    expect((await call(loader, get("/app", after))).status).toBe(200);
  });

  it("E10: opening another winery ends the session of the first one", async () => {
    await world.install("old-oak-estate");
    const spectra = cookieOf(await open());
    const oldOak = cookieOf(await open({ tenantId: "old-oak-estate" }, spectra));
    expect((await call(loader, get("/app", oldOak))).body.session.tenantId).toBe("old-oak-estate");
    expect(await call(loader, get("/app", spectra))).toRedirectTo("/");
  });

  it("R4: a cookie that opens nothing is no fault, and nothing of it is taken over", async () => {
    for (const cookie of ["__libero_session=x", `__libero_session=${"A".repeat(60_000)}`]) {
      expect(await open({}, cookie)).toSetSessionCookie();
    }
  });
});

/** A page that says what is wrong, signs nobody in and tells nobody the address. */
async function expectRefusal(answer: Awaited<ReturnType<typeof open>>, status: number, fault: string) {
  expect(answer).toMatchObject({ status, body: { fault }, thrown: true });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await world.countSessions()).toBe(1);
}

describe("not opened", () => {
  it.each([
    ["refuse", 401, "refused"],
    ["no-id", 401, "refused"],
    ["500", 503, "unreachable"],
    ["html", 503, "unreachable"],
  ] as const)("A2, R31: where Commerce7 answers with %s: %i, %s", async (sandboxFault, status, fault) => {
    world.sandbox.setFault(sandboxFault);
    await expectRefusal(await open(), status, fault);
  });

  it("A2: 401 for a token that Commerce7 does not know", async () => {
    await expectRefusal(await open({ account: "a.b.c" }), 401, "refused");
  });

  it("E10: 401 for a token of another winery", async () => {
    await expectRefusal(
      await open({ account: world.sandbox.accountToken("old-oak-estate") }),
      401,
      "refused",
    );
  });

  it("403 where the winery does not have Libero, or not any more", async () => {
    await expectRefusal(await open({ tenantId: "old-oak-estate" }), 403, "not-installed");
    await world.sql.query("update public.clients set uninstalled_at = now()");
    await expectRefusal(await open(), 403, "not-installed");
  });

  it.each([
    ["a bad tenant", { tenantId: "../admin", account: "a.b.c" }],
    ["an empty tenant", { tenantId: "", account: "a.b.c" }],
    ["an empty token", { account: "" }],
    ["a token with a line feed", { account: "a.b.c\r\nx: y" }],
    ["a token longer than a URL lets it be", { account: "x".repeat(8_193) }],
  ])("401 for %s, and Commerce7 is not asked", async (_what, changes) => {
    const calls = world.sandbox.accountCalls();
    await expectRefusal(await open(changes), 401, "refused");
    expect(world.sandbox.accountCalls()).toBe(calls);
  });

  it("R18: half of what the admin sends is a refusal, not the session that happens to be there", async () => {
    const cookie = await world.install();
    await world.sql.query("delete from public.app_sessions where id <> $1", [sessionIdOf(cookie)]);
    for (const query of [`account=${world.sandbox.accountToken(TENANT)}`, `tenantId=${TENANT}`]) {
      await expectRefusal(await call(loader, get(`/app?${query}`, cookie)), 401, "refused");
    }
  });

  it("a refusal leaves the session that the browser has", async () => {
    const cookie = await world.install();
    world.sandbox.setFault("refuse");
    expect((await open({}, cookie)).status).toBe(401);
    expect((await call(loader, get("/app", cookie))).status).toBe(200);
  });
});

describe("R3: login CSRF and forced sign-out", () => {
  /** Opens an attacker's address in a browser where Maya is signed in. */
  const openAs = (cookie: string | undefined, headers: Record<string, string>, init: RequestInit = {}) => {
    const request = new Request(
      `http://localhost:3000${world.openingUrl().replace(/^https?:\/\/[^/]+/, "")}`,
      {
        ...init,
        headers: { ...(cookie && { cookie }), ...headers },
      },
    );
    return call(loader, request);
  };
  const TOP_LEVEL = {
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "cross-site",
  };
  const FRAME = { ...TOP_LEVEL, "sec-fetch-dest": "iframe" };

  it.each([
    ["an image", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" }, {}],
    ["a prefetch", { "sec-purpose": "prefetch" }, {}],
    ["Firefox's prefetch", { "x-moz": "prefetch" }, {}],
    ["HEAD", {}, { method: "HEAD" }],
  ])(
    "%s signs no one in and no one out, asks Commerce7 nothing, and counts for no one",
    async (_what, headers, init) => {
      const maya = await world.signIn("Maya");
      const [calls, sessions] = [world.sandbox.accountCalls(), await world.countSessions()];
      const answer = await openAs(maya, headers as Record<string, string>, init);
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect([world.sandbox.accountCalls(), await world.countSessions()]).toEqual([calls, sessions]);
      expect((await call(loader, get("/app", maya))).status).toBe(200);
    },
  );

  it("at top level, another user's live session is replaced only once its user has said so", async () => {
    const maya = await world.signIn("Maya");
    const asked = await openAs(maya, TOP_LEVEL);
    expect(asked).toMatchObject({
      status: 409,
      body: {
        fault: "confirm",
        current: { name: "Maya Okafor", winery: TENANT },
        next: { name: "Jason Andres", winery: TENANT },
      },
    });
    expect(asked.headers.getSetCookie()).toEqual([]);
    expect(asked.headers.get("referrer-policy")).toBe("no-referrer");
    expect((await call(loader, get("/app", maya))).status).toBe(200);

    const form = new Request(world.openingUrl().replace(/^(?!http)/, "http://localhost:3000"), {
      method: "POST",
      headers: { cookie: maya },
      body: new URLSearchParams(),
    });
    const confirmed = await call(action, form);
    expect(confirmed).toRedirectTo("/app");
    expect(confirmed).toSetSessionCookie();
    expect(await world.endOf(maya)).toBe("replaced");
  });

  it("one's own session is replaced without a question, and so is one that is over", async () => {
    const jason = await world.signIn("Jason");
    expect(await openAs(jason, TOP_LEVEL)).toRedirectTo("/app");
    const maya = await world.signIn("Maya");
    await world.byHand(maya, "expires_at = now()");
    expect(await openAs(maya, TOP_LEVEL)).toRedirectTo("/app");
    expect(await openAs(undefined, TOP_LEVEL)).toRedirectTo("/app");
  });

  it("in the admin's frame, and where a browser says nothing, the admin's word counts", async () => {
    for (const headers of [FRAME, {}]) {
      const maya = await world.signIn("Maya");
      expect(await openAs(maya, headers)).toRedirectTo("/app");
      expect(await world.endOf(maya)).toBe("replaced");
    }
  });

  it("405: a form without a token is none of ours", async () => {
    expect((await call(action, post("/app"))).status).toBe(405);
  });
});
