import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

test("A1 A2 A3 A6 A7: install, open, browse, reload, sign out, uninstall", async ({ admin, stack }) => {
  const { page } = admin;
  await admin.open(TENANT);

  await test.step("installing sends the webhook, and Libero opens as the chosen staff member", async () => {
    await admin.chooseStaff("Maya Okafor · Admin");
    await page.getByRole("button", { name: "Install" }).click();
    await expect(page.locator(".webhook-head").first()).toContainText(/200\s+install/);
    await expect(admin.libero.getByRole("heading", { name: "Welcome, Maya Okafor" })).toBeVisible();
    expect((await admin.frame()).url()).toBe(`${stack.app.url}/app`);
    await admin.hydrated();
  });
  const callsWhenOpened = stack.sandbox.accountCalls();

  await test.step("browsing and reloading ask the session alone", async () => {
    await admin.link("Settings").click();
    await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();
    await admin.link("Overview").click();
    await expect(admin.welcome).toBeVisible();
    await admin.reloadFrame();
    await expect(admin.welcome).toBeVisible();
    await admin.hydrated();
    expect(stack.sandbox.accountCalls()).toBe(callsWhenOpened);
  });

  await test.step("signing out leads to the landing page, and Back brings nothing back", async () => {
    await admin.signOutButton.click();
    await expect(admin.landing).toBeVisible();
    await admin.goBack({ leadsTo: "/" });
    await expect(admin.landing).toBeVisible();
    await expect(admin.signOutButton).toHaveCount(0);
    expect(stack.sandbox.accountCalls()).toBe(callsWhenOpened);
  });

  await test.step("uninstalling takes Libero out of the admin", async () => {
    await page.getByRole("button", { name: "Uninstall" }).click();
    await expect(page.getByRole("button", { name: "Install", exact: true })).toBeVisible();
    await expect(page.locator(".webhook-head").first()).toContainText(/200\s+uninstall/);
  });
});
