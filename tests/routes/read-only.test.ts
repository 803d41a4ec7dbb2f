import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wiring } from "~/lib/wiring.server";
import { loader as index } from "~/routes/_index";
import { loader as notFound } from "~/routes/$";
import { loader as openPage } from "~/routes/app";
import { loader as devices, action as endDevices } from "~/routes/devices";
import { action as install } from "~/routes/install";
import { action as askForLink, loader as login } from "~/routes/login";
import { action as logout } from "~/routes/logout";
import { loader as readyz } from "~/routes/readyz";
import { action as saveSettings, loader as settings } from "~/routes/settings";
import { action as uninstall } from "~/routes/uninstall";
import { installBody, webhook } from "../support/commerce7";
import { type Answer, call, get, openApp, post, TENANT } from "../support/routes";

// Nothing is remembered: every request asks the database. Nothing listens where mail would go.
const app = openApp({ SESSION_CACHE_ENTRIES: "0", SMTP_URL: "smtp://127.0.0.1:9" });

/** As `alter database … set default_transaction_read_only`, for the connections that there are too. */
async function setReadOnly(value: "on" | "off") {
  const [{ name }] = (await app.sql.query("select current_database() as name")).rows;
  await app.sql.query(`alter database ${name} set default_transaction_read_only = ${value}`);
  if (value === "off") return;
  await app.sql.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
    [name],
  );
}

const readiness = async () => (await call(readyz as never, get("/readyz"))).body;
const isWritable = () =>
  vi.waitFor(async () => expect((await readiness()).stores.database.state).toBe("up"), 10_000);

const SETTINGS = {
  contactEmail: "cellar@example.com",
  defaultTheme: "dark",
  sessionMaxAgeSeconds: "3600",
  sessionIdleTimeoutSeconds: "900",
  sessionRenewalLimitSeconds: "86400",
  sessionMaxPerUser: "2",
  sessionAtLimit: "end-oldest",
};

let cookie: string;
beforeEach(async () => {
  await app.install();
  cookie = await app.signIn("Jason");
  await setReadOnly("on");
});
afterEach(async () => {
  await setReadOnly("off");
  await isWritable();
});

function expectComeBack({ status, headers }: Answer) {
  expect(status).toBe(503);
  expect(headers.get("retry-after")).toBe("5");
  expect(headers.getSetCookie()).toEqual([]);
}

describe("while the database is read-only, whoever is signed in stays so", () => {
  it.each([
    ["GET /", index, "/"],
    ["GET /app", openPage, "/app"],
    ["GET /devices", devices, "/devices"],
    ["GET /settings", settings, "/settings"],
  ] as const)("%s shows everything", async (_what, loader, path) => {
    const { status, body } = await call(loader as never, get(path, cookie));
    expect(status).toBe(200);
    // What a page leaves out while the database does not answer.
    expect([body.recent, body.stats]).not.toContain(null);
  });

  it("another address is not found, in its theme, and the form for a link is shown", async () => {
    expect((await call(notFound as never, get("/elsewhere", cookie))).status).toBe(404);
    expect((await call(login as never, get("/login"))).body).toEqual({ shows: "form" });
  });

  it("a message of the page before is shown, although it cannot be removed", async () => {
    await setReadOnly("off");
    await isWritable();
    await call(endDevices, post("/devices", cookie, { intent: "end-others" }));
    await setReadOnly("on");
    expect((await call(devices as never, get("/devices", cookie))).body.ended).toEqual({ count: 1 });
  });
});

describe("while the database is read-only, what writes answers 503, and when to come back", () => {
  it("signing in", async () => {
    expectComeBack(await app.open("Jason"));
    expectComeBack(await app.open("Jason", { cookie }));
  });

  it("saving settings, with the form on its page; signing out, here and elsewhere", async () => {
    const saved = await call(saveSettings, post("/settings", cookie, SETTINGS));
    expectComeBack(saved);
    expect(saved.body).toEqual({ saved: "unknown" });
    expectComeBack(await call(logout, post("/logout", cookie)));
    expectComeBack(await call(endDevices, post("/devices", cookie, { intent: "end-own" })));
  });

  it("the webhooks, so that the platform sends them again", async () => {
    expectComeBack(await call(install, webhook("/install", installBody(TENANT))));
    expectComeBack(await call(uninstall, webhook("/uninstall", { tenantId: TENANT })));
  });

  it("asking for a link to sign in with", async () => {
    expectComeBack(await call(askForLink, post("/login", undefined, { email: "jason@example.com" })));
  });
});

describe("/readyz", () => {
  it("tells that the database is read-only, and since when; an instance that reads is ready", async () => {
    const beganAt = new Date().toISOString();
    expectComeBack(await app.open("Jason"));
    const { status, body } = await call(readyz as never, get("/readyz"));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ready: true,
      reason: "the database is read-only",
      stores: { database: { kind: "postgres", state: "read-only" } },
    });
    expect(body.stores.database.since >= beganAt).toBe(true);
    expect((await readiness()).stores.database.since).toBe(body.stores.database.since);
  });

  it("finds out by itself, in both directions, although nobody writes", async () => {
    await vi.waitFor(async () => expect((await readiness()).stores.database.state).toBe("read-only"));
    await setReadOnly("off");
    await isWritable();
    expect(await readiness()).toMatchObject({ ready: true, stores: { database: { state: "up" } } });
    expect((await readiness()).reason).toBeUndefined();
  });
});

it("everything goes on where it was, once the database is writable again", async () => {
  expectComeBack(await call(logout, post("/logout", cookie)));
  await setReadOnly("off");
  await isWritable();
  expect((await app.open("Jason")).status).toBe(302);
  expect((await call(openPage as never, get("/app", cookie))).status).toBe(200);
  expect((await call(logout, post("/logout", cookie))).status).toBe(302);
  expect(wiring().db.health().state).toBe("up");
});
