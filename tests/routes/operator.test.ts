import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnavailableError } from "~/lib/base/errors";
import { startOperatorSession } from "~/lib/operator-session.server";
import { commitSession, getSession } from "~/lib/session-storage.server";
import { END_REASONS } from "~/lib/sessions/session";
import { wiring } from "~/lib/wiring.server";
import { loader as app } from "~/routes/app";
import { action as logout } from "~/routes/logout";
import { loader as operator, action as signOut } from "~/routes/operator";
import { call, cookieOf, get, openApp, post, TENANT } from "../support/routes";

const OLGA = "olga@libero.example";
const world = openApp({ OPERATOR_EMAILS: OLGA });
let cookie: string;
beforeEach(async () => {
  const session = await getSession();
  await startOperatorSession(session, OLGA);
  cookie = (await commitSession(session)).split(";")[0] ?? "";
});
afterEach(() => void vi.restoreAllMocks());

const open = (as = cookie) => call(operator as never, get("/operator", as));

describe("D8: the operator's page", () => {
  it("tells figures over all wineries, and why sessions ended in the last day", async () => {
    await world.install();
    await world.install("old-oak-estate");
    const jason = await world.signIn("Jason");
    await world.signIn("Maya");
    await call(logout, post("/logout", jason));
    await world.byHand(await world.signIn("Tom"), "expires_at = now() - interval '1 minute'");
    await world.sql.query(
      `insert into public.app_session_events (at, event, reason, session_id, client_id, user_id, user_name)
       select now() - interval '25 hours', 'ended', 'idle', gen_random_uuid(), id, 'u', 'Una' from public.clients`,
    );

    const { status, body } = await open();
    expect([status, body.email]).toEqual([200, OLGA]);
    const { figures, newest } = body.sessions;
    // Two of installs, which no browser has, and Maya's; Tom's session is over and still there.
    expect(figures).toMatchObject({ total: 4, active: 1, expired: 1, clients: 1, users: 1 });
    expect(figures.meanIdleMinutes).toBeLessThan(1);
    const none = Object.fromEntries(END_REASONS.map((reason) => [reason, 0]));
    expect(figures.endings.reasons).toEqual({ ...none, signed_out: 1 });
    expect(body.readAtMs - figures.endings.sinceMs).toBeGreaterThan(24 * 3_600_000 - 10_000);
    expect(newest.map(({ user, tenantId }: never) => [(user as { name: string }).name, tenantId])).toEqual([
      ["Maya Okafor", TENANT],
      ["Jason Andres", "old-oak-estate"],
      ["Jason Andres", TENANT],
    ]);
  });

  it("tells how each store is, and where sessions live, without an address", async () => {
    const { body } = await open();
    const up = { state: "up", since: expect.any(String), latencyMs: expect.any(Number) };
    expect(body.stores).toMatchObject({ database: { kind: "postgres", ...up }, redis: null });
    expect(body.storage).toContain("sessions live in PostgreSQL");
    const { password, port, pathname } = new URL(process.env.DATABASE_URL as string);
    for (const detail of [password, port, pathname.slice(1), "127.0.0.1"]) {
      expect(JSON.stringify({ ...body, readAtMs: 0, sessions: null })).not.toContain(detail);
    }
  });

  it("the newest ten, however many there are, and no secret of any", async () => {
    await world.install();
    const cookies = await Promise.all(Array.from({ length: 12 }, () => world.signIn("Maya")));
    const { body } = await open();
    expect(body.sessions.newest).toHaveLength(10);
    const [mayaCookie = ""] = cookies;
    expect(JSON.stringify(body)).not.toContain(mayaCookie.split(".")[1]);
    expect(JSON.stringify(body)).not.toContain("maya@");
  });

  it("R31: while the database does not tell the figures, the rest stands", async () => {
    vi.spyOn(wiring().store, "totals").mockRejectedValue(new UnavailableError("the database is away"));
    const { status, body } = await open();
    expect([status, body.sessions, body.email]).toEqual([200, null, OLGA]);
    expect(body.stores.database.kind).toBe("postgres");
  });
});

describe("R14: is for operators alone", () => {
  it.each([
    ["nobody", () => ""],
    ["an administrator of a winery", () => world.install().then(() => world.signIn("Jason"))],
  ])("%s is led to /login and sees nothing", async (_who, cookieOfTheirs) => {
    const theirs = await cookieOfTheirs();
    const answer = await open(theirs);
    expect(answer).toRedirectTo("/login");
    expect(JSON.stringify(answer.body)).not.toContain("stores");
  });
});

describe("R13: has a way out", () => {
  it("A6: which ends the session for every copy of the cookie, and leaves an app session alone", async () => {
    await world.install();
    const jason = await world.signIn("Jason");
    const answer = await call(signOut, post("/operator", `${cookie}; ${jason}`));
    expect(answer).toRedirectTo("/login");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    for (const each of [cookie, cookieOf(answer)]) expect(await open(each)).toRedirectTo("/login");
    expect((await call(app, get("/app", jason))).status).toBe(200);
  });

  it("which is no fault twice, or for nobody", async () => {
    for (const each of [cookie, cookie, ""]) {
      expect(await call(signOut, post("/operator", each))).toRedirectTo("/login");
    }
  });
});
