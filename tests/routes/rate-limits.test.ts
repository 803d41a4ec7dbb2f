import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wiring } from "~/lib/wiring.server";
import { loader as open } from "~/routes/app";
import { action as install } from "~/routes/install";
import { action as login } from "~/routes/login";
import { loader as magic } from "~/routes/magic";
import { action as uninstall } from "~/routes/uninstall";
import { basicAuth, installBody, webhook } from "../support/commerce7";
import { type Answer, call, get, openApp, post, TENANT } from "../support/routes";

const LIMITS = { signIns: 6, installs: 5, failures: 3, links: 2, mails: 4 };
const world = openApp({
  RATE_LIMIT_SIGN_INS_PER_MINUTE: String(LIMITS.signIns),
  RATE_LIMIT_INSTALLS_PER_MINUTE: String(LIMITS.installs),
  RATE_LIMIT_FAILURES_PER_MINUTE: String(LIMITS.failures),
  RATE_LIMIT_LINKS_PER_MINUTE: String(LIMITS.links),
  RATE_LIMIT_MAILS_PER_HOUR: String(LIMITS.mails),
  // Nobody is known here: no mail goes out.
  SMTP_URL: "smtp://127.0.0.1:9",
});
const OTHER = "old-oak-estate";

let tests = 0;
/** An address that no other test has used; memory knows those who were refused for a minute. */
let address = "";
beforeEach(async () => {
  await world.sql.query("truncate public.rate_limits");
  tests += 1;
  address = `203.0.113.${tests}`;
  for (const tenantId of [TENANT, OTHER]) {
    await call(install, webhook("/install", installBody(tenantId)), { address: `198.51.100.${tests}` });
  }
});

const openAt = (from: string, changes: Record<string, string> = {}) =>
  call(open, get(world.openingUrl(changes)), { address: from });
const statuses = async (times: number, attempt: (i: number) => Promise<Answer>) => {
  const answers = [];
  for (let i = 0; i < times; i += 1) answers.push((await attempt(i)).status);
  return answers;
};
const repeat = (status: number, times: number) => Array<number>(times).fill(status);

function expectTooMany({ status, headers }: Answer) {
  expect(status).toBe(429);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(50);
  expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.getSetCookie()).toEqual([]);
}

describe("C5: sign-ins", () => {
  it("the next one from an address is a 429 page, and Commerce7 is not asked", async () => {
    expect(await statuses(LIMITS.signIns, () => openAt(address))).toEqual(repeat(302, LIMITS.signIns));
    const calls = world.sandbox.accountCalls();
    const answer = await openAt(address);
    expectTooMany(answer);
    expect(answer).toMatchObject({ body: { fault: "too-many" }, thrown: true });
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(world.sandbox.accountCalls()).toBe(calls);
    expect((await openAt(`${address}0`)).status).toBe(302);
  });

  it("whoever is signed in stays so, as often as they come", async () => {
    const cookie = await world.signIn("Jason");
    await statuses(LIMITS.signIns + 1, () => openAt(address));
    const visits = await statuses(30, () => call(open, get("/app", cookie), { address }));
    expect(visits).toEqual(repeat(200, 30));
  });

  it("without an address, since the connection is gone, all are counted together", async () => {
    const attempts = await statuses(LIMITS.signIns + 1, () => call(open, get(world.openingUrl())));
    expect(attempts.at(-1)).toBe(429);
  });

  it("a winery's own are five times as many, from wherever they come; another winery has its own", async () => {
    const most = 5 * LIMITS.signIns;
    const attempts = await statuses(most, (i) =>
      openAt(`2001:db8:${tests * 100 + i}::1`, { tenantId: OTHER }),
    );
    expect(attempts).toEqual(repeat(302, most));
    expectTooMany(await openAt(address, { tenantId: OTHER }));
    expect((await openAt(address)).status).toBe(302);
  });
});

describe("A10, C5: failed validations", () => {
  it("a token that Commerce7 refuses counts; so many, and a good one is not even tried", async () => {
    expect(await statuses(LIMITS.failures, () => openAt(address, { account: "a.b.c" }))).toEqual(
      repeat(401, LIMITS.failures),
    );
    const calls = world.sandbox.accountCalls();
    expectTooMany(await openAt(address));
    expect(world.sandbox.accountCalls()).toBe(calls);
    expect((await openAt(`${address}1`)).status).toBe(302);
  });

  it("half of what the admin sends counts against the address, and against no winery", async () => {
    const half = () => call(open, get(`/app?tenantId=${TENANT}`), { address });
    expect(await statuses(LIMITS.failures + 1, half)).toEqual([...repeat(401, LIMITS.failures), 429]);
    const { rows } = await world.sql.query("select from public.rate_limits where key like '%:tenant:%'");
    expect(rows).toHaveLength(2);
  });

  it.each(["500", "html", "not-installed"] as const)(
    "%s is none: nobody's fault is counted",
    async (what) => {
      if (what === "not-installed") await world.sql.query("update public.clients set uninstalled_at = now()");
      else world.sandbox.setFault(what);
      const status = what === "not-installed" ? 403 : 503;
      const times = LIMITS.failures + 2;
      expect(await statuses(times, () => openAt(address))).toEqual(repeat(status, times));
    },
  );

  it("strangers' failures, from however many networks, refuse no user of the winery that they name", async () => {
    const forged = { account: "a.b.c" };
    const attempts = await statuses(40, (i) => openAt(`2001:db8:${tests * 100 + i}::1`, forged));
    expect(attempts).toEqual(repeat(401, 40));
    expect((await openAt(address)).status).toBe(302);
  });

  it("nor do those of one /48, which are refused themselves", async () => {
    const forged = { account: "a.b.c" };
    const attempts = await statuses(80, (i) =>
      openAt(`2001:db8:${tests * 100}:${(256 * i).toString(16)}::1`, forged),
    );
    expect(attempts.filter((status) => status === 401)).toHaveLength(16 * LIMITS.failures);
    expect(attempts.at(-1)).toBe(429);
    expect((await openAt(address)).status).toBe(302);
  });

  it("a page full of images counts for no network", async () => {
    const image = () =>
      call(
        open,
        new Request(world.openingUrl({ account: "a.b.c" }).replace(/^(?!http)/, "http://localhost:3000"), {
          headers: { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" },
        }),
        { address },
      );
    expect(await statuses(30, image)).toEqual(repeat(403, 30));
    expect((await openAt(address)).status).toBe(302);
  });
});

describe("C5: webhooks", () => {
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    call(install, webhook("/install", body, headers), { address });

  it("the next one from an address is 429 in JSON, install or uninstall", async () => {
    const attempts = await statuses(LIMITS.installs, () => send(installBody(TENANT)));
    expect(attempts).toEqual(repeat(200, LIMITS.installs));
    const removal = await call(uninstall, webhook("/uninstall", { tenantId: TENANT }), { address });
    for (const answer of [await send(installBody(TENANT)), removal]) {
      expectTooMany(answer);
      expect(answer.body).toEqual({ error: expect.stringMatching(/^too many webhooks: .*\d+ s$/) });
    }
    const { rows } = await world.sql.query("select from public.clients where uninstalled_at is not null");
    expect(rows).toHaveLength(0);
  });

  it("wrong credentials count; so many, and the right ones are not even compared", async () => {
    const authorization = basicAuth({ username: "libero", password: "wrong" });
    const attempts = await statuses(LIMITS.failures, () => send(installBody(TENANT), { authorization }));
    expect(attempts).toEqual(repeat(401, LIMITS.failures));
    expectTooMany(await send(installBody(TENANT)));
    expectTooMany(await openAt(address));
  });

  it("nothing is read of a body that comes too often", async () => {
    await statuses(LIMITS.installs, () => send(installBody(TENANT)));
    const request = webhook("/install", "{");
    expectTooMany(await call(install, request, { address }));
    expect(request.bodyUsed).toBe(false);
  });

  it("a winery's are five times as many, from wherever they come", async () => {
    const most = 5 * LIMITS.installs;
    const from = (i: number) =>
      call(install, webhook("/install", installBody("bodega")), {
        address: `2001:db8:${tests * 100 + i}::1`,
      });
    expect(await statuses(most + 1, from)).toEqual([...repeat(200, most), 429]);
  });
});

describe("C5, B7: links by e-mail", () => {
  afterEach(() => wiring().afterwards.settled());

  const ask = (email: string, from = address) =>
    call(login, post("/login", undefined, { email }), { address: from });

  it("the next one from an address is a 429 page, whatever mailbox it names", async () => {
    const attempts = await statuses(LIMITS.links, (i) => ask(`jason-${tests}-${i}@example.com`));
    expect(attempts).toEqual(repeat(302, LIMITS.links));
    const answer = await ask(`maya-${tests}@example.com`);
    expectTooMany(answer);
    expect(answer).toMatchObject({ body: { fault: "too-many-links" }, thrown: true });
    expect((await ask(`maya-${tests}@example.com`, `${address}0`)).status).toBe(302);
  });

  it("a mailbox's mails are capped, a quarter for each address; the answer is as ever, and a link that was sent stays good", async () => {
    const mailbox = `jason-${tests}@example.com`;
    const links = async () =>
      (
        await world.sql.query(
          "select id from public.sign_in_links where issued_at > now() - interval '1 minute'",
        )
      ).rows;
    const before = (await links()).length;
    const first = await ask(mailbox, `198.51.100.${tests}`);
    const issued = await links();
    expect(issued).toHaveLength(before + 1);
    const again = await ask(mailbox.toUpperCase(), `198.51.100.${tests}`);
    expect([again.status, again.headers.get("location")]).toEqual([
      first.status,
      first.headers.get("location"),
    ]);
    expect(await links()).toEqual(issued);
    // Others may still have theirs, up to what the mailbox gets in all.
    const more = await statuses(10, (i) => ask(mailbox, `2001:db8:${tests * 100 + i}::1`));
    expect(more).toEqual(repeat(302, 10));
    await wiring().afterwards.settled();
    const { rows } = await world.sql.query(
      "select points::integer from public.rate_limits where key like '%:mails:mailbox:%' order by points desc limit 1",
    );
    expect(rows).toEqual([{ points: LIMITS.mails }]);
  });

  it("strangers who ask for an operator's mailbox keep no one's own request from being answered", async () => {
    const mailbox = `olga-${tests}@example.com`;
    await statuses(40, (i) => ask(mailbox, `2001:db8:${tests * 100 + i}::1`));
    expect((await ask(mailbox)).status).toBe(302);
  });

  it("what an address is refused does not count against the mailbox", async () => {
    const mailbox = `jason-${tests}@example.com`;
    await statuses(LIMITS.links, () => ask("not an address"));
    expect(await statuses(5, () => ask(mailbox))).toEqual(repeat(429, 5));
    expect((await ask(mailbox, `${address}0`)).status).toBe(302);
  });

  it("R30: who guesses at links too often is refused, and a good one is not even looked up", async () => {
    const guess = () => call(magic as never, get("/magic?token=x"), { address });
    expect(await statuses(LIMITS.failures, guess)).toEqual(repeat(400, LIMITS.failures));
    expectTooMany(await guess());
  });
});
