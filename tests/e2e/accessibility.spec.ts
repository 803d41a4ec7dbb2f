import type { Fault } from "../../sandbox/server";
import type { Admin } from "./admin";
import { expect, test } from "./fixtures";
import { expectNothingSerious } from "./looks";

const TENANT = "spectrawinery";
const FAULTS: [Fault, string][] = [
  ["refuse", "Commerce7 did not confirm your access"],
  ["500", "Commerce7 cannot be reached right now"],
];

for (const theme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing serious, ${theme}:`, () => {
    test.beforeEach(async ({ admin, stack, expectErrors }) => {
      expectErrors(/status of (401|403|404|422|503)/);
      await admin.page.goto(stack.sandbox.url);
      if (theme === "dark") await admin.switchTheme(theme);
      await stack.sandbox.install(TENANT);
    });

    test("overview, settings with and without a fault, landing page", async ({ admin }) => {
      await admin.open(TENANT);
      await expectAccessible(admin, /^Welcome/, theme);
      await admin.hydrated();
      await admin.link("Settings").click();
      await expectAccessible(admin, "Settings", theme);

      await admin.libero.getByLabel("Contact e-mail").fill("not an address");
      await admin.libero.getByRole("button", { name: "Save settings" }).click();
      await expect(admin.libero.getByText("Enter an e-mail address")).toBeVisible();
      await expectAccessible(admin, "Settings", theme);
      await admin.signOutButton.click();
      await expectAccessible(admin, "How to open Libero");
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
      await expectAccessible(admin, "Everybody at spectrawinery", theme);
    });

    test("the fault pages", async ({ admin, stack }) => {
      for (const [fault, heading] of FAULTS) {
        stack.sandbox.setFault(fault);
        await admin.open(TENANT);
        await expectAccessible(admin, heading, theme);
      }
      stack.sandbox.setFault("none");
      await stack.webhook("uninstall", { tenantId: TENANT });
      await admin.open(TENANT);
      await expectAccessible(admin, "Libero is not installed for this winery", theme);
      await (await admin.frame()).goto(`${stack.app.url}/nowhere?adminUITheme=${theme}`);
      await expectAccessible(admin, "There is no page at this address", theme);
    });
  });
}

/** As the name says, and in that theme where one is named. */
async function expectAccessible(admin: Admin, heading: string | RegExp, theme?: string) {
  await expect(admin.heading(heading)).toBeVisible();
  if (theme) await expect(admin.libero.locator("html")).toHaveAttribute("data-theme", theme);
  await expectNothingSerious(admin);
}
