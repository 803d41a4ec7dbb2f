import type { Admin } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

test("E6: two administrators: different fields are both saved; of the same field the second learns of the conflict", async ({
  admin,
  anotherBrowser,
  expectErrors,
}) => {
  expectErrors(/status of 409/);
  await openSettings(admin);
  const other = await anotherBrowser();
  await other.open(TENANT);
  await other.hydrated();
  await other.goTo("Settings");

  await choose(admin, "Theme", "Dark");
  await choose(other, "Sessions per person", "5");
  await admin.reloadFrame();
  await admin.hydrated();
  await expect(admin.libero.getByLabel("Theme")).toHaveValue("dark");
  await expect(admin.libero.getByLabel("Sessions per person")).toHaveValue("5");

  await choose(admin, "Idle limit", "15 minutes");
  await other.libero.getByLabel("Idle limit").selectOption({ label: "1 hour" });
  await other.libero.getByRole("button", { name: "Save settings" }).click();
  const idle = other.libero.getByLabel("Idle limit");
  await expect(idle).toBeFocused();
  await expect(idle).toHaveAccessibleDescription(
    /Changed meanwhile to “15 minutes”\. Save again to replace that/,
  );
  await expect(other.libero.getByRole("status")).toHaveText("Nothing was saved yet.");
  await other.libero.getByRole("button", { name: "Save settings" }).click();
  await expect(other.libero.getByRole("status")).toHaveText("Settings saved.");
  await admin.reloadFrame();
  await expect(admin.libero.getByLabel("Idle limit").locator("option:checked")).toHaveText("1 hour");
});

test("staff who are no administrators see the settings, and why they cannot change them", async ({
  admin,
}) => {
  await admin.signIn(TENANT);
  await admin.chooseStaff("Tom Lindqvist · no role");
  await expect(admin.welcome).toBeVisible();
  await admin.hydrated();
  await admin.goTo("Settings");
  await expect(admin.libero.getByText("Only administrators can change these settings")).toBeVisible();
  await expect(admin.libero.getByLabel("Theme")).toBeDisabled();
  await expect(admin.libero.getByRole("button", { name: "Save settings" })).toHaveCount(0);
});

test("R3: a link of another user's asks at top level before it replaces who is signed in", async ({
  admin,
  stack,
  expectErrors,
}) => {
  expectErrors(/status of 409/);
  await admin.signIn(TENANT);
  const { page } = admin;
  const linkOf = async (name: string) => {
    await admin.chooseStaff(name);
    return (await page.locator('iframe[title="Libero"]').getAttribute("src")) ?? "";
  };
  const maya = await linkOf("Maya Okafor · Admin");
  const tom = await linkOf("Tom Lindqvist · no role");
  await page.goto(maya);
  await expect(page.getByRole("heading", { name: "Welcome, Maya Okafor" })).toBeVisible();

  await page.goto(tom);
  await expect(page.getByRole("heading", { name: "Sign in as someone else?" })).toBeVisible();
  await page.getByRole("link", { name: "Stay signed in as Maya Okafor" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Maya Okafor" })).toBeVisible();

  await page.goto(tom);
  await page.getByRole("button", { name: "Sign in as Tom Lindqvist" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Tom Lindqvist" })).toBeVisible();
  expect(page.url()).toBe(`${stack.app.url}/app`);
});

async function openSettings(admin: Admin) {
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.goTo("Settings");
}

async function choose(admin: Admin, label: string, option: string) {
  await admin.libero.getByLabel(label).selectOption({ label: option });
  await admin.libero.getByRole("button", { name: "Save settings" }).click();
  await expect(admin.libero.getByRole("status")).toHaveText("Settings saved.");
}
