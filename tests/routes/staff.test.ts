import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wiring } from "~/lib/wiring.server";
import { loader as app } from "~/routes/app";
import { action as install } from "~/routes/install";
import { installBody, webhook } from "../support/commerce7";
import { call, cookieOf, get, openApp, TENANT } from "../support/routes";

/** As the install webhook names who pressed the button. */
const JASON = "jason@example.com";
const world = openApp();
beforeEach(() => world.install());
afterEach(async () => {
  await breakDirectory(false);
  vi.restoreAllMocks();
});

const find = (email: string) => wiring().staff.findByEmail(email, Date.now() - 60_000);
const kept = async () =>
  (await world.sql.query("select user_id, email, role, verified_at from public.staff_members order by 2"))
    .rows;

/** Nobody can be kept any more, while everything else goes on. */
const breakDirectory = (broken: boolean) =>
  world.sql.query(
    `alter table public.staff_members drop constraint if exists broken${
      broken ? ", add constraint broken check (false) not valid" : ""
    }`,
  );

describe("B7: whom a link can reach", () => {
  it("whoever pressed Install, from then on, as nobody's role", async () => {
    expect(await find(JASON)).toMatchObject([{ tenantId: TENANT, name: "Jason Andres", role: null }]);
  });

  it("whoever opened the app from the admin, as Commerce7 told it; and again each time", async () => {
    await world.signIn("Maya");
    expect(await find("maya@spectrawinery.example")).toMatchObject([{ tenantId: TENANT, role: "Admin" }]);
    const [, first] = await kept();
    await world.signIn("Maya");
    const [jason, second, ...others] = await kept();
    expect([jason.email, second.email, others]).toEqual([JASON, first.email, []]);
    expect(second.verified_at > first.verified_at).toBe(true);
  });

  it("nobody whom Commerce7 does not vouch for", async () => {
    await world.sql.query("truncate public.staff_members");
    world.sandbox.setFault("refuse");
    expect((await world.open("Jason")).status).toBe(401);
    world.sandbox.setFault("none");
    expect((await world.open("Eleanor")).status).toBe(403);
    await call(app, get(`/app?tenantId=${TENANT}`));
    expect(await kept()).toEqual([]);
  });

  it("nobody any more after an uninstall, and after the next install only who came since", async () => {
    await world.signIn("Maya");
    await wiring().clients.uninstall(TENANT);
    expect(await find(JASON)).toEqual([]);
    await world.install();
    expect(await find(JASON)).toHaveLength(1);
    expect(await find("maya@spectrawinery.example")).toEqual([]);
    await world.signIn("Maya");
    expect(await find("maya@spectrawinery.example")).toHaveLength(1);
  });

  it("an app whose clock is behind the database's keeps who pressed Install all the same", async () => {
    await wiring().clients.uninstall(TENANT);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 30_000 });
    await world.install();
    vi.useRealTimers();
    expect(await find(JASON)).toHaveLength(1);
  });
});

describe("where they cannot be kept, nobody who signs in minds", () => {
  it("opening and installing go on, and the log says so, without an address", async () => {
    const warn = vi.spyOn(wiring().logger, "warn");
    await breakDirectory(true);
    const opened = await world.open("Maya");
    expect(opened).toRedirectTo("/app");
    expect((await call(app, get("/app", cookieOf(opened)))).status).toBe(200);
    const installed = await call(install, webhook("/install", installBody(TENANT)));
    expect(installed).toSetSessionCookie();
    const lines = warn.mock.calls.filter(([, message]) => /no link will reach them/.test(`${message}`));
    expect(lines).toHaveLength(2);
    expect(lines[0]?.[0]).toMatchObject({ tenantId: TENANT, reason: expect.stringContaining("broken") });
    expect(JSON.stringify(lines)).not.toMatch(/@|Maya|Jason/);
  });

  it("nobody waits for it before the session starts", async () => {
    const { staff, store } = wiring();
    const order: string[] = [];
    const remember = staff.remember;
    const create = store.create;
    vi.spyOn(staff, "remember").mockImplementation(async (member) => {
      order.push("keeping");
      await remember(member);
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push("kept");
    });
    vi.spyOn(store, "create").mockImplementation(async (session) => {
      const made = await create(session);
      order.push("session");
      return made;
    });
    expect(await world.open("Maya")).toRedirectTo("/app");
    expect(order).toEqual(["keeping", "session", "kept"]);
  });
});
