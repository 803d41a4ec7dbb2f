import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS, MINUTE_MS } from "~/lib/base/durations";
import { UnavailableError } from "~/lib/base/errors";
import { makeOperatorLink } from "~/lib/operator.server";
import { endOperatorSession, requireOperator } from "~/lib/operator-session.server";
import { getSession } from "~/lib/session-storage.server";
import { wiring } from "~/lib/wiring.server";
import { loader as landing } from "~/routes/_index";
import { loader as app } from "~/routes/app";
import { loader as login } from "~/routes/login";
import { action as uninstall } from "~/routes/uninstall";
import { webhook } from "../support/commerce7";
import { LinkBrowser } from "../support/link-browser";
import { type Answer, call, get, openApp, post, TENANT } from "../support/routes";
import { type Smtp, startSmtp } from "../support/smtp";

const JASON = "jason@spectrawinery.example";
const MAYA = "maya@spectrawinery.example";
const OLGA = "olga@libero.example";
const NOBODY = "nobody@nowhere.example";
const LINK = /\/magic\?token=[0-9a-f-]{36}\.[\w-]{43}/;

let smtp: Smtp;
beforeAll(async () => {
  smtp = await startSmtp();
  process.env.SMTP_URL = smtp.url;
});
const world = openApp({ OPERATOR_EMAILS: `${OLGA},${MAYA}`, MAIL_FROM: "Libero <libero@example.com>" });
afterAll(() => smtp.close());

let browser: LinkBrowser;
beforeEach(async () => {
  browser = new LinkBrowser();
  smtp.refuse(undefined);
  for (const tenantId of [TENANT, "old-oak-estate"]) await world.install(tenantId);
});
afterEach(async () => {
  vi.useRealTimers();
  await wiring().afterwards.settled();
  vi.restoreAllMocks();
});

/** Moves the app's clock; the database's stays. */
const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
const operatorOf = ({ cookie }: LinkBrowser) => requireOperator(get("/operator", cookie));
const page = ({ cookie }: LinkBrowser) => call(app, get("/app", cookie));

async function expectNobodySignedIn(one: LinkBrowser) {
  expect(await page(one)).toRedirectTo("/");
  await expect(operatorOf(one)).rejects.toMatchObject({ status: 302 });
}

/** A page that says what is wrong, signs nobody in and tells nobody the address. */
async function expectFault(answer: Answer, status: number, fault: string, one = browser) {
  expect(answer).toMatchObject({ status, body: { fault }, thrown: true });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(answer.headers.getSetCookie()).toEqual([]);
  await expectNobodySignedIn(one);
}

describe("B7: staff, outside the admin", () => {
  beforeEach(() => world.signIn("Jason"));

  it("from the form by the mail to a session of one's own, with the winery's policy and theme", async () => {
    await world.sql.query(
      "update public.clients set session_max_age_seconds = 1800, default_theme = 'dark' where tenant_id = $1",
      [TENANT],
    );
    const { answer, mail, path } = await browser.askAndRead(JASON, smtp);
    expect(answer).toRedirectTo("/login?sent");
    expect(mail).toMatchObject({ from: { address: "libero@example.com" }, to: [{ address: JASON }] });
    expect(mail.text).toContain("with Firefox on Windows");
    await expectNobodySignedIn(browser);

    const opened = await browser.open(path);
    expect(opened).toRedirectTo("/app");
    expect(opened).toSetSessionCookie();
    expect(opened.headers.get("cache-control")).toBe("no-store");
    expect(opened.headers.get("referrer-policy")).toBe("no-referrer");
    const { body } = await page(browser);
    expect(body.session).toMatchObject({
      tenantId: TENANT,
      user: { name: "Jason Andres", email: JASON, role: "Admin Owner" },
    });
    expect(body.session.expiresAtMs - body.session.createdAtMs).toBe(30 * MINUTE_MS);
    expect(body).toMatchObject({
      theme: "dark",
      recent: [{ origin: "link", device: "Firefox on Windows" }, {}, {}],
    });
  });

  it("A3: asks Commerce7 nothing, and knows an address however it is written", async () => {
    const calls = world.sandbox.accountCalls();
    const { path } = await browser.askAndRead(` ${JASON.toUpperCase()} `, smtp);
    expect(await browser.open(path)).toRedirectTo("/app");
    expect(world.sandbox.accountCalls()).toBe(calls);
  });

  it("R3: whoever was signed in in this browser before is not any more", async () => {
    const first = await browser.askAndRead(JASON, smtp);
    await browser.open(first.path);
    const before = new Map(browser.cookies);
    const second = await browser.askAndRead(JASON, smtp);
    expect(await browser.open(second.path)).toRedirectTo("/app");
    const old = [...before].map(([name, value]) => `${name}=${value}`).join("; ");
    expect(await call(app, get("/app", old))).toRedirectTo("/");
    expect((await page(browser)).status).toBe(200);
  });

  it("with SIGN_IN_LINK_STAFF_DAYS=0 no link goes to staff, and operators have theirs", async () => {
    const { env } = wiring();
    const days = env.signInLinkStaffDays;
    env.signInLinkStaffDays = 0;
    const { id: clientId } = (await wiring().clients.findByTenant(TENANT)) ?? { id: "" };
    const jason = { userId: "jason-2", name: "Jason", email: JASON, role: null };
    // Vouched for by an instance whose clock is ahead.
    await wiring().staff.remember({ clientId, ...jason, verifiedAtMs: Date.now() + MINUTE_MS });
    try {
      const sent = smtp.countTo(JASON);
      await browser.ask(JASON);
      await wiring().afterwards.settled();
      expect(smtp.countTo(JASON)).toBe(sent);
      expect(await browser.open((await browser.askAndRead(OLGA, smtp)).path)).toRedirectTo("/operator");
    } finally {
      env.signInLinkStaffDays = days;
    }
  });

  it("one more than the winery allows is told so, and signs nobody in", async () => {
    await world.sql.query(
      "update public.clients set session_max_per_user = 1, session_at_limit = 'refuse-new' where tenant_id = $1",
      [TENANT],
    );
    const elsewhere = new LinkBrowser();
    await world.sql.query("delete from public.app_sessions");
    expect(await elsewhere.open((await elsewhere.askAndRead(JASON, smtp)).path)).toRedirectTo("/app");
    const { path } = await browser.askAndRead(JASON, smtp);
    await expectFault(await browser.open(path), 403, "link-limit");
  });
});

describe("B7: an operator", () => {
  it("has a session on the server, of which the cookie holds a random id alone", async () => {
    const { path } = await browser.askAndRead(OLGA, smtp);
    const opened = await browser.open(path);
    expect(opened).toRedirectTo("/operator");
    expect(await operatorOf(browser)).toEqual({ email: OLGA });
    expect(await page(browser)).toRedirectTo("/");
    const readable = JSON.stringify((await getSession(browser.cookie)).data);
    expect(Object.keys(JSON.parse(readable)).sort()).toEqual(["operator", "triggerdotdev:magiclink"]);
    expect(readable).not.toMatch(/olga|libero\.example/);
    expect(readable).not.toContain(path.split(".")[1]);
  });

  it("R10: signing out ends it for every copy of the cookie", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    const setCookie = await endOperatorSession(post("/operator", browser.cookie));
    await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
    const after = get("/operator", setCookie.split(";")[0]);
    await expect(requireOperator(after)).rejects.toMatchObject({ status: 302 });
  });

  it("signs in by a link of the command line too, once, in any browser; and no link of a mail is one", async () => {
    const link = async () => new URL((await makeOperatorLink(OLGA.toUpperCase())).link);
    const { pathname, search } = await link();
    const another = new LinkBrowser();
    expect(await another.open(`${pathname}${search}`)).toRedirectTo("/operator");
    expect(await operatorOf(another)).toEqual({ email: OLGA });
    expect((await new LinkBrowser().open(`${pathname}${search}`)).status).toBe(410);

    // With a browser's cookie and a mail one cannot make a link of them that signs another browser in.
    const { path } = await browser.askAndRead(OLGA, smtp);
    const { nonce } = (await getSession(browser.cookie)).get("triggerdotdev:magiclink");
    expect((await new LinkBrowser().open(`${path}.${nonce}`)).status).toBe(410);
    expect(await browser.open(path)).toRedirectTo("/operator");
  });

  it("but a link of the command line is an operator's alone", async () => {
    await expect(makeOperatorLink("jason@spectrawinery.example")).rejects.toThrow(
      /not among OPERATOR_EMAILS/,
    );
    await expect(makeOperatorLink("olga")).rejects.toThrow(/needs an e-mail address/);
    await expect(makeOperatorLink(undefined)).rejects.toThrow(/--email/);
  });

  it("R5: it ends when it was not used for half an hour, and goes on with use", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    for (let use = 0; use < 3; use += 1) {
      later(30 * MINUTE_MS - 1_000);
      expect(await operatorOf(browser)).toEqual({ email: OLGA });
    }
    later(30 * MINUTE_MS);
    await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
  });

  it("R5: its use is written once a minute at most, and a page does not fail where it cannot be", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    const touch = vi.spyOn(wiring().httpSessions, "touch");
    for (let use = 0; use < 5; use += 1) await operatorOf(browser);
    later(30_000);
    await operatorOf(browser);
    expect(touch).not.toHaveBeenCalled();
    later(MINUTE_MS);
    await operatorOf(browser);
    expect(touch).toHaveBeenCalledOnce();
    touch.mockRejectedValue(new UnavailableError("away"));
    later(MINUTE_MS);
    expect(await operatorOf(browser)).toEqual({ email: OLGA });
  });

  it("R6: it ends after eight hours, however much it is used", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    for (let use = 0; use < 23; use += 1) {
      later(20 * MINUTE_MS);
      await operatorOf(browser);
    }
    later(19 * MINUTE_MS);
    expect(await operatorOf(browser)).toEqual({ email: OLGA });
    later(MINUTE_MS);
    await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
  });

  it("R6: it ends earlier where the lifetime was made shorter meanwhile", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    const { sessionPolicy } = wiring().env;
    const { maxAgeSeconds } = sessionPolicy;
    sessionPolicy.maxAgeSeconds = 60;
    try {
      later(MINUTE_MS);
      await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
    } finally {
      sessionPolicy.maxAgeSeconds = maxAgeSeconds;
    }
  });

  it("R11: whoever is taken out of OPERATOR_EMAILS is out at the next request", async () => {
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    await withoutOperators(() => expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 }));
    expect(await operatorOf(browser)).toEqual({ email: OLGA });
  });

  it("R3: signing in anew ends the session before, and an app session in this browser", async () => {
    await world.signIn("Jason");
    await browser.open((await browser.askAndRead(JASON, smtp)).path);
    const asJason = browser.cookie;
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    expect(await call(app, get("/app", asJason))).toRedirectTo("/");
    const asOlga = browser.cookie;
    await browser.open((await browser.askAndRead(OLGA, smtp)).path);
    await expect(requireOperator(get("/operator", asOlga))).rejects.toMatchObject({ status: 302 });
    await browser.open((await browser.askAndRead(JASON, smtp)).path);
    await expectOnlyStaff();
  });

  async function expectOnlyStaff() {
    await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
    expect((await page(browser)).status).toBe(200);
  }

  it("R35: no other session of the table, and no cookie that was made up, is an operator's", async () => {
    for (const value of ["x", "", "a".repeat(43)]) {
      const made = Buffer.from(JSON.stringify({ operator: value })).toString("base64");
      const request = get("/operator", `__session=${encodeURIComponent(made)}.x`);
      await expect(requireOperator(request)).rejects.toMatchObject({ status: 302 });
    }
  });
});

async function withoutOperators(check: () => Promise<unknown>) {
  const { env } = wiring();
  const operators = env.operatorEmails;
  env.operatorEmails = [];
  try {
    await check();
  } finally {
    env.operatorEmails = operators;
  }
}

describe("B7: who may open several things chooses", () => {
  beforeEach(async () => {
    await world.signIn("Maya");
    const { id: clientId } = (await wiring().clients.findByTenant("old-oak-estate")) ?? { id: "" };
    const maya = { userId: "maya-2", name: "Maya Okafor", email: MAYA, role: null };
    await wiring().staff.remember({ clientId, ...maya, verifiedAtMs: Date.now() });
  });

  it("R35: until then nobody is signed in; then they are where they chose, once", async () => {
    const { path } = await browser.askAndRead(MAYA, smtp);
    expect(await browser.open(path)).toRedirectTo("/magic");
    await expectNobodySignedIn(browser);
    const { body } = await browser.open("/magic");
    expect(body.email).toBe(MAYA);
    const names = body.rights.map(({ name }: { name: string }) => name);
    expect(names.toSorted()).toEqual(["operator", "winery:old-oak-estate", `winery:${TENANT}`]);
    await expectNobodySignedIn(browser);

    const { data } = await getSession(browser.cookie);
    expect(data).toEqual({ signInChoice: expect.any(String), "triggerdotdev:magiclink": expect.anything() });
    const pending = new LinkBrowser();
    for (const [name, value] of browser.cookies) pending.cookies.set(name, value);
    expect(await browser.choose("winery:old-oak-estate")).toRedirectTo("/app");
    expect((await page(browser)).body.session).toMatchObject({
      tenantId: "old-oak-estate",
      user: { id: "maya-2" },
    });
    expect(Object.keys((await getSession(browser.cookie)).data)).toEqual(["triggerdotdev:magiclink"]);
    await expect(operatorOf(browser)).rejects.toMatchObject({ status: 302 });
    await expectFault(await pending.choose("operator"), 410, "link-void", pending);
    expect(await pending.open("/magic")).toRedirectTo("/login");
  });

  it("the operator's page is one of the choices, and of two choices at once one counts", async () => {
    await browser.open((await browser.askAndRead(MAYA, smtp)).path);
    const twin = new LinkBrowser();
    for (const [name, value] of browser.cookies) twin.cookies.set(name, value);
    const answers = await Promise.all([browser.choose("operator"), twin.choose(`winery:${TENANT}`)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([302, 410]);
  });

  it.each([
    ["what is not theirs", { right: "winery:bodega" }, 410, "link-void"],
    ["nothing", {}, 400, "bad-request"],
  ])("choosing %s signs nobody in, and leaves the choice", async (_, fields, status, fault) => {
    await browser.open((await browser.askAndRead(MAYA, smtp)).path);
    const { action } = await import("~/routes/magic");
    await expectFault(await call(action, post("/magic", browser.cookie, fields)), status, fault);
    expect((await browser.open("/magic")).status).toBe(200);
    expect(await browser.choose("operator")).toRedirectTo("/operator");
  });

  it("after ten minutes there is no choice any more, and without a link there is none", async () => {
    await browser.open((await browser.askAndRead(MAYA, smtp)).path);
    later(10 * MINUTE_MS);
    expect(await browser.open("/magic")).toRedirectTo("/login");
    await expectFault(await browser.choose("operator"), 410, "link-void");
    await expectFault(await new LinkBrowser().choose("operator"), 410, "link-void");
  });

  it("a right that was lost meanwhile is none to choose", async () => {
    await browser.open((await browser.askAndRead(MAYA, smtp)).path);
    await call(uninstall, webhook("/uninstall", { tenantId: "old-oak-estate" }));
    expect(JSON.stringify((await browser.open("/magic")).body)).not.toContain("old-oak");
    await expectFault(await browser.choose("winery:old-oak-estate"), 410, "link-void");
  });
});

describe("B7, R25, R26: a link that opens nothing says what to do, and no more than this browser knows", () => {
  beforeEach(() => world.signIn("Jason"));

  it("used: once is all, also for two that are opened at once", async () => {
    const { path } = await browser.askAndRead(JASON, smtp);
    const both = await Promise.all([browser.open(path), browser.open(path)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([302, 410]);
    const third = await browser.open(path);
    expect(third).toMatchObject({ status: 410, body: { fault: "link-used" } });
    expect(third.headers.getSetCookie()).toEqual([]);
  });

  it("expired: ten minutes, by the app's clock", async () => {
    const { path } = await browser.askAndRead(JASON, smtp);
    later(10 * MINUTE_MS);
    await expectFault(await browser.open(path), 410, "link-expired");
  });

  it("in another browser: foreign, whatever became of it; a mail scanner uses nothing up", async () => {
    const { path } = await browser.askAndRead(JASON, smtp);
    const scanner = new LinkBrowser();
    await expectFault(await scanner.open(path), 403, "link-foreign", scanner);
    expect(await browser.open(path)).toRedirectTo("/app");
    await expectFault(await scanner.open(path), 403, "link-foreign", scanner);
  });

  it.each([
    ["HEAD", {}],
    ["GET", { "sec-purpose": "prefetch;prerender" }],
    ["GET", { purpose: "prefetch" }],
  ])("a browser that looks ahead (%s %o) uses nothing up", async (method, headers) => {
    const { path } = await browser.askAndRead(JASON, smtp);
    const { loader } = await import("~/routes/magic");
    const request = new Request(get(path, browser.cookie, headers as Record<string, string>), { method });
    expect((await call(loader as never, request)).status).toBe(403);
    expect(await browser.open(path)).toRedirectTo("/app");
  });

  it("made up, or not whole", async () => {
    const { path } = await browser.askAndRead(JASON, smtp);
    await expectFault(await browser.open("/magic?token=x"), 400, "link-damaged");
    await expectFault(await browser.open(`${path.slice(0, -43)}${"A".repeat(43)}`), 410, "link-void");
    expect(await browser.open(path)).toRedirectTo("/app");
  });

  it("void: a newer one was asked for, from wherever", async () => {
    const { path } = await browser.askAndRead(JASON, smtp);
    await new LinkBrowser().askAndRead(JASON, smtp);
    await expectFault(await browser.open(path), 410, "link-void");
  });

  it.each(["uninstalled", "taken off the list", "vouched for too long ago"])(
    "void: whoever may open nothing any more, %s",
    async (how) => {
      const email = how === "taken off the list" ? OLGA : JASON;
      const { path } = await browser.askAndRead(email, smtp);
      const open = async () => expectFault(await browser.open(path), 410, "link-void");
      if (how === "uninstalled") await call(uninstall, webhook("/uninstall", { tenantId: TENANT }));
      if (how === "taken off the list") return withoutOperators(open);
      if (how === "vouched for too long ago") {
        vi.spyOn(wiring().staff, "findByEmail").mockImplementation(async (_, sinceMs) => {
          // It was asked for within the days that the environment says.
          expect(Date.now() - sinceMs).toBeLessThanOrEqual(30 * DAY_MS + MINUTE_MS);
          return [];
        });
      }
      await open();
    },
  );

  it("R30: guesses count as failures; a link that is late or opened elsewhere does not", async () => {
    const count = async () =>
      (
        await world.sql.query(
          "select coalesce(sum(points), 0)::integer as points from public.rate_limits where key like '%failures:address%'",
        )
      ).rows[0].points;
    const before = await count();
    await browser.open("/magic?token=x");
    expect(await count()).toBe(before + 1);
    const { path } = await browser.askAndRead(JASON, smtp);
    await new LinkBrowser().open(path);
    await browser.open(path);
    await browser.open(path);
    expect(await count()).toBe(before + 1);
  });
});

describe("B7: nobody learns whether an address is known", () => {
  beforeEach(() => world.signIn("Jason"));

  /** Everything but what is random: the nonce, the link's id and the signature. */
  const shapeOf = (answer: Answer) => ({
    ...answer,
    headers: [...answer.headers].map(([name, value]) => [
      name,
      name === "set-cookie" ? value.replace(/=([^;]+)/, (_, cookie) => `=${shapeOfValue(cookie)}`) : value,
    ]),
  });
  const shapeOfValue = (cookie: string) => {
    const [data = "", signature = ""] = decodeURIComponent(cookie).split(/\.(?=[^.]*$)/);
    const readable = Buffer.from(data, "base64")
      .toString()
      .replaceAll(/"[\w-]{36,43}"/g, (v) => `${v.length}`);
    return `${readable} ${signature.length}`;
  };

  it("the answer is the same, byte for byte but the random ones in the cookie, and so is what is kept", async () => {
    const links = async () =>
      (await world.sql.query("select * from public.sign_in_links order by issued_at desc limit 1")).rows[0];
    const known = shapeOf(await browser.ask(JASON));
    const keptOfKnown = await links();
    const unknown = shapeOf(await new LinkBrowser().ask(NOBODY));
    const keptOfUnknown = await links();
    expect(unknown).toEqual(known);
    expect(keptOfUnknown.id).not.toBe(keptOfKnown.id);
    expect(Object.keys(keptOfUnknown)).toEqual(Object.keys(keptOfKnown));
    expect((await call(login, get("/login?sent", browser.cookie))).body).toEqual({ shows: "sent" });
    await wiring().afterwards.settled();
    expect(smtp.countTo(NOBODY)).toBe(0);
  });

  it("nothing is looked up, let alone sent, before the answer is out", async () => {
    const looked = vi.spyOn(wiring().staff, "findByEmail");
    const sent = smtp.countTo(JASON);
    let answered = () => {};
    const whenAnswered = () =>
      new Promise<void>((resolve) => {
        answered = resolve;
      });
    expect(await browser.ask(JASON, { whenAnswered })).toRedirectTo("/login?sent");
    expect(looked).not.toHaveBeenCalled();
    answered();
    expect((await smtp.mailTo(JASON, sent)).text).toMatch(LINK);
    expect(looked).toHaveBeenCalledOnce();
  });

  it("a mail server that refuses changes nothing in the answer; the log has a hash, and no address or link", async () => {
    const { logger } = wiring();
    const lines = [vi.spyOn(logger, "error"), vi.spyOn(logger, "info"), vi.spyOn(logger, "warn")];
    const well = shapeOf(await browser.ask(JASON));
    await wiring().afterwards.settled();
    smtp.refuse(`no mailbox <${JASON}> here`);
    expect(shapeOf(await new LinkBrowser().ask(JASON))).toEqual(well);
    await new LinkBrowser().ask(NOBODY);
    await wiring().afterwards.settled();
    const [errors] = lines;
    expect(errors?.mock.calls).toEqual([
      [
        { mailbox: expect.stringMatching(/^[\w-]{22}$/), reason: expect.stringMatching(/550/) },
        "a link to sign in with was not sent",
      ],
    ]);
    const logged = JSON.stringify(lines.flatMap((spy) => spy.mock.calls));
    expect(logged).toContain("somebody who is not known");
    expect(logged).not.toMatch(/jason|nobody@|token|magic/i);
  });

  it.each(["", "jason", "a@b.example, c@d.example", "jason@example.com\r\nBcc: x@y.example"])(
    "what is no address comes back to the form, and is kept nowhere: %j",
    async (email) => {
      const answer = await browser.ask(email);
      expect(answer).toMatchObject({ status: 422, body: { outcome: "bad-address", fault: /^Enter/ } });
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );
});

describe("B7: the pages", () => {
  it("the landing page offers the link, and /login the form; in a frame it says where it works", async () => {
    expect((await call(landing, get("/"))).body).toMatchObject({ offersLinks: true });
    expect((await call(login, get("/login"))).body).toEqual({ shows: "form" });
    const framed = get("/login", undefined, { "sec-fetch-dest": "iframe" });
    expect((await call(login, framed)).body).toEqual({ shows: "framed" });
  });

  it("R31: with the database away nobody is told that a link is on its way", async () => {
    vi.spyOn(wiring().db, "call").mockRejectedValue(
      Object.assign(new Error("gone"), { name: "UnavailableError" }),
    );
    const answer = await browser.ask(JASON);
    expect(answer).toMatchObject({ status: 503, body: { fault: "database" } });
  });
});
