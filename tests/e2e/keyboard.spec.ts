import type { Admin } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

test("A6: from the skip link to signing out with the keyboard alone, and one sees where one is", async ({
  admin,
}) => {
  const { page, libero } = admin;
  await admin.signIn(TENANT);
  await admin.hydrated();
  await enterByKeyboard(admin);
  await page.keyboard.press("Enter");
  await expect(libero.getByRole("main")).toBeFocused();

  await enterByKeyboard(admin);
  const skipLink = libero.getByRole("link", { name: "Skip to content" });
  const tabs = ["Overview", "Devices", "Settings"].map((name) => admin.link(name));
  const stops = [skipLink, ...tabs, admin.signOutButton];
  for (const [index, stop] of stops.entries()) {
    if (index > 0) await page.keyboard.press("Tab");
    await expect(stop).toBeFocused();
    await expect(stop).toBeInViewport();
    await expect(stop).toHaveCSS("outline-style", "solid");
    await expect(stop).toHaveCSS("outline-width", "2px");
  }
  await page.keyboard.press("Enter");
  await expect(admin.landing).toBeVisible();
});

/** Steps from the admin's last button into the frame, and waits until the focus, which changes processes, is there. */
async function enterByKeyboard(admin: Admin) {
  await admin.page.getByRole("button", { name: "Uninstall" }).focus();
  await admin.page.keyboard.press("Tab");
  await expect(admin.libero.getByRole("link", { name: "Skip to content" })).toBeFocused();
}
