import { Admin, askWithCookie } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "old-oak-estate";

test("A4 A6: a sign-out in one tab holds in the other", async ({ admin, context, stack }) => {
  await admin.signIn(TENANT);
  const other = new Admin(await context.newPage(), stack);
  await other.open(TENANT);
  await expect(other.welcome).toBeVisible();

  await admin.hydrated();
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  await other.hydrated();
  await other.link("Settings").click();
  await expect(other.landing).toBeVisible();
  expect((await other.frame()).url()).toBe(`${stack.app.url}/`);
});

test("A4 A7: an uninstall while a page is open ends it at the next click", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  const { status } = await stack.sandbox.uninstall(TENANT);
  expect(status).toBe(200);
  await expect(admin.welcome).toBeVisible();
  await admin.link("Settings").click();
  await expect(admin.landing).toBeVisible();
  expect((await admin.frame()).url()).toBe(`${stack.app.url}/`);
});

test("A6 E3: a cookie kept from before the sign-out never works again", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  expect((await askWithCookie(stack, "/app", value)).status).toBe(200);

  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  expect(await admin.page.context().cookies(stack.app.url)).toEqual([]);

  const forgery = { method: "POST", body: new URLSearchParams({ contactEmail: "thief@example.com" }) };
  const answers = [
    await askWithCookie(stack, "/app", value),
    await askWithCookie(stack, "/settings", value, forgery),
    await askWithCookie(stack, "/app", value),
  ];
  expect(answers.map(({ status }) => status)).toEqual([302, 302, 302]);
  expect(answers.map(({ headers }) => headers.get("location"))).toEqual(["/", "/", "/"]);
});

test("A7 E3: a cookie from before the uninstall is dead after the winery installs again", async ({
  admin,
  stack,
}) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  await stack.sandbox.uninstall(TENANT);
  await stack.sandbox.install(TENANT);
  expect((await askWithCookie(stack, "/app", value)).headers.get("location")).toBe("/");
});
