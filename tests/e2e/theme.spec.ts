import type { Admin } from "./admin";
import { expect, test } from "./fixtures";
import { BACKGROUND } from "./looks";

const TENANT = "old-oak-estate";

test("A2 A6: the admin's theme is Libero's, on every page, after signing out too, and follows the switch", async ({
  admin,
}) => {
  await admin.signIn(TENANT);
  await expectTheme(admin, "light");

  await admin.switchTheme("dark");
  await expect(admin.welcome).toBeVisible();
  await expectTheme(admin, "dark");
  await admin.hydrated();
  await admin.link("Settings").click();
  await expect(admin.heading("Settings")).toBeVisible();
  await expectTheme(admin, "dark");
  await admin.reloadFrame();
  await expect(admin.heading("Settings")).toBeVisible();
  await expectTheme(admin, "dark");
  await admin.hydrated();
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  await expectTheme(admin, "dark");

  await admin.switchTheme("light");
  await expect(admin.welcome).toBeVisible();
  await expectTheme(admin, "light");
});

test("A2: a fault page has the admin's theme too", async ({ admin, stack, expectErrors }) => {
  expectErrors(/status of 503/);
  await stack.sandbox.install(TENANT);
  stack.sandbox.setFault("500");
  await admin.open(TENANT);
  await admin.switchTheme("dark");
  await expect(admin.heading("Commerce7 cannot be reached right now")).toBeVisible();
  await expectTheme(admin, "dark");
});

test("A2: where the admin names no theme, the winery's own setting counts", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.link("Settings").click();
  await admin.libero.getByLabel("Theme").selectOption("Dark");
  await admin.libero.getByRole("button", { name: "Save settings" }).click();
  await expect(admin.libero.getByRole("status")).toHaveText("Settings saved.");

  const account = stack.sandbox.accountToken(TENANT);
  const query = new URLSearchParams({ tenantId: TENANT, account });
  await admin.page.goto(`${stack.app.url}/app?${query}`);
  await expect(admin.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(admin.page.locator("body")).toHaveCSS("background-color", BACKGROUND.dark);
});

async function expectTheme({ libero }: Admin, theme: "light" | "dark") {
  await expect(libero.locator("html")).toHaveAttribute("data-theme", theme);
  await expect(libero.locator("body")).toHaveCSS("background-color", BACKGROUND[theme]);
}
