import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commitSession, getSession } from "~/lib/session-storage.server";
import { wiring } from "~/lib/wiring.server";
import { loader as index } from "~/routes/_index";
import { loader as app } from "~/routes/app";
import { loader as devices, action as endDevices } from "~/routes/devices";
import { loader as healthz } from "~/routes/healthz";
import { action as install } from "~/routes/install";
import { action as logout } from "~/routes/logout";
import { loader as operator, action as signOperatorOut } from "~/routes/operator";
import { loader as readyz } from "~/routes/readyz";
import { action as saveSettings, loader as settings } from "~/routes/settings";
import { action as uninstall } from "~/routes/uninstall";
import { ConfigurationError } from "../../app/lib/base/errors";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { hashSecret, newToken } from "../../app/lib/sessions/token";
import { installBody, webhook } from "../support/commerce7";
import { aSession, NOW } from "../support/examples";
import { type Answer, call, get, openAppWithoutDatabase, post, TENANT } from "../support/routes";

const world = openAppWithoutDatabase();

/** A cookie that the app signed: it has to ask the database who that is. */
function signedCookie(token = newToken()): string {
  const secrets = [process.env.SESSION_SECRET as string];
  const cookie = createSessionCookie({ name: "__libero_session", secrets, attributes: {} });
  return cookie.write(token, 60).split(";")[0] as string;
}

/** The cookie of a session that can still be read while nothing else can; whoever asks for the truth learns nothing. */
function vouchedCookie(): string {
  const token = newToken();
  const secretHash = hashSecret(token.secret);
  const made = aSession(randomUUID(), { id: token.id, secretHash, data: { theme: "dark" } });
  const session = { ...made, tenantId: TENANT, lastActivityAtMs: NOW, revision: 0 };
  const { store } = wiring();
  const ask = store.find;
  vi.spyOn(store, "find").mockImplementation(async (id, options) =>
    options?.fresh || id !== token.id ? ask(id, options) : { session, secretHash, previous: [] },
  );
  return signedCookie(token);
}

function expectShortBreak(answer: Answer, signedIn?: object) {
  const { status, body } = answer;
  expect({ status, body }).toEqual({
    status: 503,
    body: { fault: "database", ...(signedIn && { signedIn }) },
  });
  expectComeBack(answer);
}

function expectComeBack({ headers }: Answer) {
  expect(headers.get("retry-after")).toBe("5");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.getSetCookie()).toEqual([]);
}

/** The answer to a form that stays on its page, where it can be sent again. */
function expectUnsaved(answer: Answer) {
  expect(answer).toMatchObject({ status: 503, body: { saved: "unknown" }, thrown: false });
  expectComeBack(answer);
}

describe("R31: fails closed and gracefully: 503 with a page, and when to come back", () => {
  it.each([
    ["GET /", index, "/"],
    ["GET /app", app, "/app"],
    ["GET /devices", devices, "/devices"],
    ["GET /settings", settings, "/settings"],
  ] as const)("%s", async (_what, loader, path) => {
    expectShortBreak(await call(loader as never, get(path, signedCookie())));
  });

  it("POST /settings, POST /devices and POST /logout: nobody is told that it was done", async () => {
    expectUnsaved(await call(saveSettings, post("/settings", signedCookie())));
    expectShortBreak(await call(endDevices, post("/devices", signedCookie(), { intent: "end-own" })));
    expectShortBreak(await call(logout, post("/logout", signedCookie())));
  });

  it("GET and POST /operator, for a browser in which an operator signed in", async () => {
    const session = await getSession();
    session.set("operator", newToken().secret);
    const cookie = (await commitSession(session)).split(";")[0];
    expectShortBreak(await call(operator as never, get("/operator", cookie)));
    expectShortBreak(await call(signOperatorOut, post("/operator", cookie)));
    expect(await call(operator as never, get("/operator"))).toRedirectTo("/login");
  });

  it("the webhooks, so that the platform sends them again", async () => {
    expectShortBreak(await call(install, webhook("/install", installBody(TENANT))));
    expectShortBreak(await call(uninstall, webhook("/uninstall", { tenantId: TENANT })));
  });

  it("R26: opened from the admin, the address with the token is told to nobody even so", async () => {
    const answer = await call(app, get(world.openingUrl()));
    expectShortBreak(answer);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  });
});

describe("R31: a session that is vouched for while the database is away", () => {
  let cookie: string;
  beforeEach(() => {
    cookie = vouchedCookie();
  });
  afterEach(() => void vi.restoreAllMocks());

  it("sees its overview, without what only the database knows; the log has one line", async () => {
    const warn = vi.spyOn(wiring().logger, "warn");
    const { status, body, headers } = await call(app, get("/app", cookie));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      session: { id: cookie.split(/[=.]/)[1], user: { name: "Jason Andres" }, tenantId: TENANT },
      theme: "dark",
      seesEverybody: true,
      recent: null,
      stats: null,
    });
    expect([...headers]).toEqual([]);
    const reason = expect.stringContaining("the database does not answer");
    expect(warn.mock.calls.filter(([, message]) => message?.startsWith("answered"))).toEqual([
      [{ reason }, "answered in part: the database is away"],
    ]);
  });

  it.each([
    ["what is configured wrong is a 503", new ConfigurationError("no migrations"), { status: 503 }],
    [
      "a fault of our own is a 500, with a reference and in development the stack",
      new TypeError("x is undefined"),
      {
        status: 500,
        body: expect.objectContaining({ fault: "unknown", stack: expect.stringContaining("x is undefined") }),
      },
    ],
  ])("hides nothing else: %s", async (_what, error, outcome) => {
    vi.spyOn(wiring().store, "listOpen").mockRejectedValue(error);
    vi.spyOn(wiring().store, "stats").mockRejectedValue(error);
    expect(await call(app, get("/app", cookie))).toMatchObject(outcome);
  });

  it.each([
    ["GET /devices", () => call(devices, get("/devices", cookie))],
    ["GET /settings", () => call(settings, get("/settings", cookie))],
    ["POST /devices", () => call(endDevices, post("/devices", cookie, { intent: "end-own" }))],
    ["POST /logout", () => call(logout, post("/logout", cookie))],
  ])("%s is about the database, and waits for it, inside the shell", async (_what, ask) => {
    const answer = await ask();
    const user = expect.objectContaining({ name: "Jason Andres" });
    expectShortBreak(answer, { winery: TENANT, user, theme: "dark" });
    // Forms of the shell have to say where they come from.
    expect(answer.headers.has("referrer-policy")).toBe(false);
  });

  it("POST /settings waits for it too, with its form on the page", async () => {
    expectUnsaved(await call(saveSettings, post("/settings", cookie, { sessionMaxPerUser: "1" })));
  });

  it("GET /: the way on to the overview stands", async () => {
    expect((await call(index, get("/", cookie))).body).toEqual({
      signedInTo: TENANT,
      offersLinks: false,
      theme: "dark",
    });
  });

  it("R26: opened from the admin anew, by whoever: nothing is told of the session that was there before", async () => {
    const answer = await call(app, get(world.openingUrl(), cookie));
    expectShortBreak(answer);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  });
});

it("what needs no database goes on: no cookie, a forged one, a refused webhook", async () => {
  expect((await call(index, get("/"))).body).toEqual({ signedInTo: null, offersLinks: false, theme: null });
  expect(await call(app, get("/app", "__libero_session=forged"))).toRedirectTo("/");
  expect((await call(install, webhook("/install", {}, { authorization: null }))).status).toBe(401);
});

it("D8: /healthz is up, and /readyz says why it is not, without an address or a password", async () => {
  expect((await call(healthz as never, get("/healthz"))).status).toBe(200);
  const { status, body, headers } = await call(readyz as never, get("/readyz"));
  expect({ status, body }).toMatchObject({
    status: 503,
    body: {
      ready: false,
      reason: "the database does not answer",
      stores: { database: { kind: "postgres", state: "down" } },
    },
  });
  expect(headers.get("cache-control")).toBe("no-store");
  const { username, password, port, pathname } = new URL(world.databaseUrl());
  for (const detail of [username, password, port, pathname.slice(1), "127.0.0.1"]) {
    expect(JSON.stringify(body)).not.toContain(detail);
  }
});
