import type { BrowserContextOptions } from "@playwright/test";
import type { Admin } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";

test("E5: one sees where one is signed in, and signs another browser out", async ({
  admin,
  anotherBrowser,
  stack,
}) => {
  await admin.signIn(TENANT);
  const other = await openFirefox(anotherBrowser);
  await admin.hydrated();
  await admin.goTo("Devices");

  const own = admin.section("Where you are signed in");
  const rows = own.getByRole("row");
  await expect(rows.filter({ hasText: "This browser" })).toHaveCount(1);
  await expect(rows.filter({ hasText: "From installing the app" })).toHaveCount(1);
  await expect(rows.filter({ hasText: "This browser" }).getByRole("button")).toHaveCount(0);
  await own.getByRole("button", { name: "Sign out Firefox on Windows" }).click();

  await test.step("what was done is announced where the focus goes, once, and not in the address", async () => {
    const notice = admin.libero.getByRole("status");
    await expect(notice).toHaveText("1 session was ended.");
    await expect(notice).toBeFocused();
    await expect(rows.filter({ hasText: "Firefox on Windows" })).toHaveCount(0);
    expect((await admin.frame()).url()).toBe(`${stack.app.url}/devices`);
    await admin.reloadFrame();
    await expect(admin.heading("Devices")).toBeVisible();
    await expect(notice).toHaveText("");
  });

  await test.step("the other browser is out at its next click", async () => {
    await other.hydrated();
    await other.link("Settings").click();
    await expect(other.landing).toBeVisible();
  });
});

test("E5: signing out everywhere else keeps this browser, everywhere does not", async ({
  admin,
  anotherBrowser,
  stack,
}) => {
  await admin.signIn(TENANT);
  const other = await openFirefox(anotherBrowser);
  await admin.hydrated();
  await admin.goTo("Devices");
  await admin.libero.getByRole("button", { name: "Sign out everywhere else" }).click();
  // The install's session too.
  await expect(admin.libero.getByRole("status")).toHaveText("2 sessions were ended.");
  await expect(admin.libero.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  await other.reloadFrame();
  await expect(other.landing).toBeVisible();

  await admin.libero.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(admin.landing).toBeVisible();
  expect(await admin.page.context().cookies(stack.app.url)).toEqual([]);
});

test("E5, R14: an administrator ends somebody's session, then everybody's after a second step", async ({
  admin,
  anotherBrowser,
}) => {
  await admin.open(TENANT);
  await admin.chooseStaff("Tom Lindqvist · no role");
  await admin.signIn(TENANT);
  const tom = await openFirefox(anotherBrowser);
  await admin.chooseStaff("Maya Okafor · Admin");
  await expect(admin.welcome).toBeVisible();
  await admin.hydrated();
  await admin.link("Manage devices").click();

  const everybody = admin.section("Everybody at spectrawinery");
  const row = everybody.getByRole("row").filter({ hasText: "Firefox on Windows" });
  await expect(row).toContainText("Tom Lindqvist");
  await row.getByRole("button", { name: "Sign out Tom Lindqvist" }).click();
  await expect(admin.libero.getByRole("status")).toHaveText("1 session was ended.");
  await tom.reloadFrame();
  await expect(tom.landing).toBeVisible();

  await admin.libero.getByText("Sign everybody out…").click();
  await admin.fits();
  await admin.libero.getByRole("button", { name: "Yes, sign everybody out" }).click();
  await expect(admin.landing).toBeVisible();
  await admin.open(TENANT);
  await expect(admin.welcome).toBeVisible();
});

test("E5: staff who are no administrators see themselves alone", async ({ admin, anotherBrowser }) => {
  await admin.signIn(TENANT);
  await openFirefox(anotherBrowser);
  await admin.chooseStaff("Tom Lindqvist · no role");
  await expect(admin.welcome).toBeVisible();
  await admin.hydrated();
  await expect(admin.section("Your recent sign-ins").getByRole("row")).toHaveCount(2);
  await admin.goTo("Devices");
  await expect(admin.section("Where you are signed in").getByRole("row")).toHaveCount(2);
  await expect(admin.libero.getByText("Everybody")).toHaveCount(0);
  await expect(admin.libero.getByText("Sign everybody out…")).toHaveCount(0);
});

/** Whoever is chosen in the admin opens Libero in a second browser. */
async function openFirefox(
  anotherBrowser: (options: BrowserContextOptions) => Promise<Admin>,
): Promise<Admin> {
  const admin = await anotherBrowser({ userAgent: FIREFOX });
  await admin.open(TENANT);
  await expect(admin.welcome).toBeVisible();
  return admin;
}
