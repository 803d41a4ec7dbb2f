import { Admin, askWithCookie } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "old-oak-estate";

test("A4 A6: a sign-out in one tab holds in the other", async ({ admin, context, house }) => {
  await admin.signIn(TENANT);
  const other = new Admin(await context.newPage(), house);
  await other.open(TENANT);
  await expect(other.welcome).toBeVisible();

  await admin.hydrated();
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  await other.hydrated();
  await other.link("Settings").click();
  await expect(other.landing).toBeVisible();
  expect((await other.frame()).url()).toBe(`${house.app.url}/`);
});

test("A4 A7: an uninstall while a page is open ends it at the next click", async ({ admin, house }) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  const { status } = await house.sandbox.uninstall(TENANT);
  expect(status).toBe(200);
  await expect(admin.welcome).toBeVisible();
  await admin.link("Settings").click();
  await expect(admin.landing).toBeVisible();
  expect((await admin.frame()).url()).toBe(`${house.app.url}/`);
});

test("A6 E3: a cookie kept from before the sign-out never works again", async ({ admin, house }) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  expect((await askWithCookie(house, "/app", value)).status).toBe(200);

  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  expect(await admin.page.context().cookies(house.app.url)).toEqual([]);

  const forgery = { method: "POST", body: new URLSearchParams({ contactEmail: "thief@example.com" }) };
  const answers = [
    await askWithCookie(house, "/app", value),
    await askWithCookie(house, "/settings", value, forgery),
    await askWithCookie(house, "/app", value),
  ];
  expect(answers.map(({ status }) => status)).toEqual([302, 302, 302]);
  expect(answers.map(({ headers }) => headers.get("location"))).toEqual(["/", "/", "/"]);
});

test("A7 E3: a cookie from before the uninstall is dead after the winery installs again", async ({
  admin,
  house,
}) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  await house.sandbox.uninstall(TENANT);
  await house.sandbox.install(TENANT);
  expect((await askWithCookie(house, "/app", value)).headers.get("location")).toBe("/");
});
