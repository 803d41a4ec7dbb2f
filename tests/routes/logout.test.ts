import { beforeEach, expect, it } from "vitest";
import { loader as app } from "~/routes/app";
import { action, loader } from "~/routes/logout";
import { call, get, openApp, post } from "../support/routes";

const world = openApp();
let cookie: string;
beforeEach(async () => {
  cookie = await world.install();
});

const logout = (header?: string) => call(action, post("/logout", header));

it("A6: deletes the row, clears the cookie, and leads to /", async () => {
  const answer = await logout(cookie);
  expect(answer).toRedirectTo("/");
  expect(answer).toClearSessionCookie();
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await world.countSessions()).toBe(0);
});

it("A6, R10: the old cookie never works again, and a second sign-out is no fault", async () => {
  await logout(cookie);
  expect(await call(app, get("/app", cookie))).toRedirectTo("/");
  expect(await logout(cookie)).toClearSessionCookie();
  expect(await call(app, get("/app", cookie))).toRedirectTo("/");
});

it("A6: the cookie is cleared with the attributes it was set with, or browsers keep it in the frame", async () => {
  const [cleared = ""] = (await logout(cookie)).headers.getSetCookie();
  expect(cleared.split("; ").slice(1).sort()).toEqual(
    ["HttpOnly", "Max-Age=0", "Partitioned", "Path=/", "SameSite=None", "Secure"].sort(),
  );
});

it("ends this browser's session and no other", async () => {
  const elsewhere = await world.install();
  await logout(cookie);
  expect((await call(app, get("/app", elsewhere))).status).toBe(200);
});

it("E3: twenty requests beside the sign-out do not bring the session back", async () => {
  const requests = Array.from({ length: 20 }, () => call(app, get("/app", cookie)));
  await Promise.all([...requests.slice(0, 10), logout(cookie), ...requests.slice(10)]);
  expect(await call(app, get("/app", cookie))).toRedirectTo("/");
  expect(await world.countSessions()).toBe(0);
});

it.each([undefined, "", "__libero_session=nonsense", `__libero_session=${"A".repeat(60_000)}`])(
  "without a session (%#) it leads to / all the same, and ends nobody's",
  async (header) => {
    const answer = await logout(header);
    expect(answer).toRedirectTo("/");
    expect(answer).toClearSessionCookie();
    expect(await world.countSessions()).toBe(1);
  },
);

it("R25: a GET changes nothing and leads back", async () => {
  const answer = await call(loader as never, get("/logout", cookie));
  expect(answer).toRedirectTo("/app");
  expect(answer).not.toClearSessionCookie();
  expect(await world.countSessions()).toBe(1);
  expect((await call(app, get("/app", cookie))).status).toBe(200);
});
