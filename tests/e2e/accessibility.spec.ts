import AxeBuilder from "@axe-core/playwright";
import type { Fault } from "../../sandbox/server";
import type { Admin } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const FAULTS: [Fault, string][] = [
  ["refuse", "Commerce7 did not confirm your access"],
  ["500", "Commerce7 cannot be reached right now"],
];

for (const theme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing serious, ${theme}:`, () => {
    test.beforeEach(async ({ admin, house, expectErrors }) => {
      expectErrors(/status of (401|403|404|422|503)/);
      await admin.page.goto(house.sandbox.url);
      if (theme === "dark") await admin.switchTheme(theme);
      await house.sandbox.install(TENANT);
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

    test("the fault pages", async ({ admin, house }) => {
      for (const [fault, heading] of FAULTS) {
        house.sandbox.setFault(fault);
        await admin.open(TENANT);
        await expectAccessible(admin, heading, theme);
      }
      house.sandbox.setFault("none");
      await house.webhook("uninstall", { tenantId: TENANT });
      await admin.open(TENANT);
      await expectAccessible(admin, "Libero is not installed for this winery", theme);
      await (await admin.frame()).goto(`${house.app.url}/nowhere?adminUITheme=${theme}`);
      await expectAccessible(admin, "There is no page at this address", theme);
    });
  });
}

/** Runs axe on what is in the frame, once the page with that heading is there. */
async function expectAccessible(admin: Admin, heading: string | RegExp, theme?: string) {
  await expect(admin.heading(heading)).toBeVisible();
  if (theme) await expect(admin.libero.locator("html")).toHaveAttribute("data-theme", theme);
  const axe = new AxeBuilder({ page: admin.page }).include('iframe[title="Libero"]').withTags(RULES);
  const { violations, passes } = await axe.analyze();
  // The contrast rule passes on every page of ours: where it did not run, axe did not see the frame.
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
  expect(violations.filter(isGrave).map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual(
    [],
  );
}

function isGrave({ impact }: { impact?: string | null }): boolean {
  return impact === "serious" || impact === "critical";
}
