import type { Fault } from "../../sandbox/server";
import type { Admin } from "./admin";
import { expect, test } from "./fixtures";
import { expectAccessible } from "./looks";

const TENANT = "spectrawinery";
const FAULTS: [Fault, string][] = [
  ["refuse", "Commerce7 did not confirm your access"],
  ["500", "Commerce7 cannot be reached right now"],
];

// The admin is dark, so that each page is seen to take its theme; the light one is what a page has anyway.
test.describe("axe finds nothing, in both themes:", () => {
  test.beforeEach(async ({ admin, stack, expectErrors }) => {
    expectErrors(/status of (401|403|404|422|503)/);
    await admin.page.goto(stack.sandbox.url);
    await admin.switchTheme("dark");
    await stack.sandbox.install(TENANT);
  });

  test("overview, settings with and without a fault, landing page", async ({ admin }) => {
    await admin.open(TENANT);
    await expectDark(admin, /^Welcome/);
    await admin.hydrated();
    await admin.link("Settings").click();
    await expectDark(admin, "Settings");

    await admin.libero.getByLabel("Contact e-mail").fill("not an address");
    await admin.libero.getByRole("button", { name: "Save settings" }).click();
    await expect(admin.libero.getByText("Enter an e-mail address")).toBeVisible();
    await expectDark(admin, "Settings");
    await admin.signOutButton.click();
    await expectDark(admin, "How to open Libero");
  });

  test("devices, with all that can be on the page", async ({ admin, stack }) => {
    const query = new URLSearchParams({ tenantId: TENANT, account: stack.sandbox.accountToken(TENANT) });
    for (let more = 0; more < 2; more += 1) {
      await fetch(`${stack.app.url}/app?${query}`, { redirect: "manual" });
    }
    await admin.open(TENANT);
    await expect(admin.welcome).toBeVisible();
    await admin.hydrated();
    await admin.goTo("Devices");
    await admin
      .section("Where you are signed in")
      .getByRole("button", { name: /^Sign out/ })
      .first()
      .click();
    await expect(admin.libero.getByRole("status")).toHaveText("1 session was ended.");
    await admin.libero.getByText("Sign everybody out…").click();
    await expect(admin.libero.getByRole("button", { name: "Yes, sign everybody out" })).toBeVisible();
    await expectDark(admin, "Everybody at spectrawinery");
  });

  test("the fault pages", async ({ admin, stack }) => {
    for (const [fault, heading] of FAULTS) {
      stack.sandbox.setFault(fault);
      await admin.open(TENANT);
      await expectDark(admin, heading);
    }
    stack.sandbox.setFault("none");
    await stack.webhook("uninstall", { tenantId: TENANT });
    await admin.open(TENANT);
    await expectDark(admin, "Libero is not installed for this winery");
    await (await admin.frame()).goto(`${stack.app.url}/nowhere?adminUITheme=dark`);
    await expectDark(admin, "There is no page at this address");
  });
});

/** The page is as dark as the admin, and accessible. */
async function expectDark(admin: Admin, heading: string | RegExp) {
  await expect(admin.heading(heading)).toBeVisible();
  await expect(admin.libero.locator("html")).toHaveAttribute("data-theme", "dark");
  await expectAccessible(admin, "dark");
}
