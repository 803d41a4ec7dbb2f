import { beforeEach, describe, expect, it } from "vitest";
import { action, loader } from "~/routes/settings";
import { call, get, ORIGIN, openApp, post, sessionIdOf, TENANT } from "../support/routes";

const world = openApp();
let cookie: string;
beforeEach(async () => {
  await world.install();
  cookie = await world.signIn("Jason");
});

const shown = async (who = cookie) => (await call(loader, get("/settings", who))).body;
/** What a page that is open says of each field. */
const openPage = async () => {
  const { settings } = await shown();
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`shown:${name}`, String(value ?? "")]),
  );
};
const save = async (fields: Record<string, string>, page?: Record<string, string>) =>
  call(action, post("/settings", cookie, { ...fields, ...(page ?? (await openPage())) }));
const stored = async (tenantId = TENANT) => {
  const { rows } = await world.sql.query(
    `select contact_email, default_theme, session_max_age_seconds, session_idle_timeout_seconds,
       session_renewal_limit_seconds, session_max_per_user, session_at_limit
     from public.clients where tenant_id = $1`,
    [tenantId],
  );
  return rows[0];
};

const chosen = {
  contactEmail: "cellar@example.com",
  defaultTheme: "dark",
  sessionMaxAgeSeconds: "3600",
  sessionIdleTimeoutSeconds: "900",
  sessionRenewalLimitSeconds: "86400",
  sessionMaxPerUser: "2",
  sessionAtLimit: "refuse-new",
};
const FIELDS = Object.keys(chosen);
const everyField = (value: string) => Object.fromEntries(FIELDS.map((field) => [field, value]));

it("shows what the winery has set, its bounds and the app's defaults", async () => {
  expect(await shown()).toEqual({
    session: { user: expect.objectContaining({ name: "Jason Andres" }), tenantId: TENANT },
    mayChange: true,
    settings: {
      contactEmail: "jason@example.com",
      defaultTheme: null,
      sessionMaxAgeSeconds: null,
      sessionIdleTimeoutSeconds: null,
      sessionRenewalLimitSeconds: null,
      sessionMaxPerUser: null,
      sessionAtLimit: null,
    },
    bounds: {
      sessionMaxAgeSeconds: { min: 900, max: 86_400 },
      sessionIdleTimeoutSeconds: { min: 300, max: 86_400 },
      sessionRenewalLimitSeconds: { min: 3_600, max: 2_592_000 },
      sessionMaxPerUser: { min: 1, max: 100 },
    },
    defaults: {
      sessionMaxAgeSeconds: 28_800,
      sessionIdleTimeoutSeconds: 7_200,
      sessionRenewalLimitSeconds: 0,
      sessionMaxPerUser: 0,
      sessionAtLimit: "end-oldest",
    },
    theme: null,
  });
});

it("E6: saves what was chosen, and shows it again", async () => {
  const answer = await save(chosen);
  expect(answer).toMatchObject({ status: 200, body: { saved: true } });
  expect(await stored()).toEqual({
    contact_email: "cellar@example.com",
    default_theme: "dark",
    session_max_age_seconds: 3_600,
    session_idle_timeout_seconds: 900,
    session_renewal_limit_seconds: 86_400,
    session_max_per_user: 2,
    session_at_limit: "refuse-new",
  });
  expect((await shown()).settings).toEqual({
    ...chosen,
    sessionMaxAgeSeconds: 3_600,
    sessionIdleTimeoutSeconds: 900,
    sessionRenewalLimitSeconds: 86_400,
    sessionMaxPerUser: 2,
  });
});

it("empty fields take a choice back", async () => {
  await save(chosen);
  await save(everyField(""));
  expect(Object.values(await stored())).toEqual(FIELDS.map(() => null));
});

it("E10: changes one's own winery alone, whatever the form says", async () => {
  await world.install("old-oak-estate");
  const before = await stored("old-oak-estate");
  await save({ ...chosen, tenantId: "old-oak-estate", clientId: "old-oak-estate" });
  expect(await stored("old-oak-estate")).toEqual(before);
});

describe("two administrators at once", () => {
  const unset = Object.fromEntries(FIELDS.map((field) => [field, ""]));
  const asShown = { ...unset, contactEmail: "jason@example.com" };

  it("who change different fields: each field is as it was chosen", async () => {
    const page = await openPage();
    expect((await save({ ...asShown, defaultTheme: "dark" }, page)).status).toBe(200);
    expect((await save({ ...asShown, sessionMaxPerUser: "3" }, page)).status).toBe(200);
    expect((await shown()).settings).toMatchObject({ defaultTheme: "dark", sessionMaxPerUser: 3 });
  });

  it("who change the same field: the second learns what it is now, and nothing of theirs is saved", async () => {
    const page = await openPage();
    await save({ ...asShown, defaultTheme: "dark" }, page);
    const typed = { ...asShown, defaultTheme: "light", sessionMaxPerUser: "3" };
    const { status, body } = await save(typed, page);
    expect(status).toBe(409);
    const { settings } = await shown();
    expect(body).toEqual({
      saved: false,
      faults: {},
      typed: { ...typed, ...page },
      conflict: { fields: ["defaultTheme"], current: settings },
    });
    expect(settings).toMatchObject({ defaultTheme: "dark", sessionMaxPerUser: null });
    // Saved again, now that they know.
    expect((await save(typed)).status).toBe(200);
    expect((await shown()).settings).toMatchObject({ defaultTheme: "light", sessionMaxPerUser: 3 });
  });

  it("a form that does not say what it showed changes nothing unseen", async () => {
    await save({ ...asShown, defaultTheme: "dark" });
    const { status, body } = await save(unset, {});
    expect([status, body.conflict.fields]).toEqual([409, ["contactEmail", "defaultTheme"]]);
  });
});

describe("who may change them", () => {
  /** The role that Commerce7 tells, and whether it is an administrator's. */
  const ROLES: [name: string, tenantId: string, mayChange: boolean][] = [
    ["Jason", TENANT, true],
    ["Maya", TENANT, true],
    ["Tom", TENANT, false],
    ["Eleanor", "old-oak-estate", true],
    ["Sam", "old-oak-estate", false],
  ];

  it.each(ROLES)("%s at %s: %s", async (name, tenantId, mayChange) => {
    await world.install("old-oak-estate");
    const theirs = await world.signIn(name);
    const page = await shown(theirs);
    expect(page.mayChange).toBe(mayChange);
    const before = await stored(tenantId);
    const showing = Object.entries(page.settings).map(([field, value]) => [
      `shown:${field}`,
      String(value ?? ""),
    ]);
    const answer = await call(
      action,
      post("/settings", theirs, { ...chosen, ...Object.fromEntries(showing) }),
    );
    expect(answer).toMatchObject(
      mayChange ? { status: 200, body: { saved: true } } : { status: 403, body: { saved: false } },
    );
    if (mayChange) expect(await stored(tenantId)).toMatchObject({ session_max_per_user: 2 });
    else expect(await stored(tenantId)).toEqual(before);
  });

  it("not the user who pressed Install, by that: the webhook names no role", async () => {
    const installer = await world.install();
    expect((await call(action, post("/settings", installer, chosen))).status).toBe(403);
  });

  it.each(["admin", "ADMIN OWNER", "Administrative assistant", "Admin Owner ", "Sub-Admin", ""])(
    "not by a role that is merely like one: %j",
    async (role) => {
      const theirs = await world.signIn("Maya");
      await world.sql.query("update public.app_sessions set user_role = $1 where id = $2", [
        role,
        sessionIdOf(theirs),
      ]);
      expect((await call(action, post("/settings", theirs, chosen))).status).toBe(403);
    },
  );
});

describe("refused, and nothing is saved", () => {
  it.each([
    ["contactEmail", "jason", /e-mail address/],
    ["defaultTheme", "blue", /light, dark or automatic/],
    ["sessionMaxAgeSeconds", "899", /at least 15 minutes/],
    ["sessionMaxAgeSeconds", "86401", /at most 24 hours/],
    ["sessionMaxAgeSeconds", "soon", /from the list/],
    ["sessionIdleTimeoutSeconds", "299", /between 5 minutes and 24 hours/],
    ["sessionRenewalLimitSeconds", "3599", /between 1 hour and 30 days/],
    ["sessionMaxPerUser", "101", /between 1 and 100/],
    ["sessionAtLimit", "end-all", /what happens/],
  ])("422: %s = %s", async (field, value, mend) => {
    const before = await stored();
    const { status, body } = await save({ ...chosen, [field]: value });
    expect(status).toBe(422);
    expect(body).toEqual({
      saved: false,
      faults: { [field]: expect.stringMatching(mend) },
      typed: { ...chosen, ...(await openPage()), [field]: value },
    });
    expect(await stored()).toEqual(before);
  });

  it("422 names every field at fault", async () => {
    const { body } = await save(everyField("x"));
    expect(Object.keys(body.faults).sort()).toEqual([...FIELDS].sort());
  });

  it("422 for fields that are not there, and for files", async () => {
    expect((await save({}, {})).status).toBe(422);
    const form = new FormData();
    for (const name of FIELDS) form.set(name, new File(["x"], "x.txt"));
    const request = new Request(`${ORIGIN}/settings`, { method: "POST", headers: { cookie }, body: form });
    const { status, body } = await call(action, request);
    expect(status).toBe(422);
    expect(body.typed).toEqual({});
  });

  it.each([
    ["JSON", "application/json", JSON.stringify(chosen)],
    ["text", "text/plain", "contactEmail=x"],
    ["a multipart form that is broken", "multipart/form-data; boundary=x", "nonsense"],
  ])("400: %s is not a form", async (_what, type, body) => {
    const before = await stored();
    const headers = { cookie, "content-type": type };
    const answer = await call(action, new Request(`${ORIGIN}/settings`, { method: "POST", headers, body }));
    expect(answer).toMatchObject({ status: 400, body: { fault: "bad-request" } });
    expect(await stored()).toEqual(before);
  });

  it("A4: without a session it leads to /, before the form is read", async () => {
    const request = post("/settings", undefined, chosen);
    expect(await call(action, request)).toRedirectTo("/");
    expect(request.bodyUsed).toBe(false);
  });

  it("R16: saving asks the store, and does not go by what memory says", async () => {
    const before = await stored();
    const gone = await world.signInByMemoryAlone("Maya");
    expect(await call(action, post("/settings", gone, chosen))).toRedirectTo("/");
    expect(await stored()).toEqual(before);
  });

  it("R11: where the winery was uninstalled meanwhile it leads to /", async () => {
    const page = await openPage();
    await world.sql.query("update public.clients set uninstalled_at = now()");
    expect(await save(chosen, page)).toRedirectTo("/");
    expect(await call(loader, get("/settings", cookie))).toRedirectTo("/");
  });
});
