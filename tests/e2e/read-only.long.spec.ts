import { expect, test } from "./fixtures";
import { expectFitToLookAt } from "./looks";
import { askForLink, MAYA, openFromWebmail, welcomeInAdmin } from "./sign-in-link";

test.afterEach(({ postgres }) => postgres.setReadOnly("off"));

test("R31: an operator sees that the database is read-only, and since when; fit to look at", async ({
  page,
  postgres,
  stackOnPostgres: stack,
}) => {
  await welcomeInAdmin(stack);
  await openFromWebmail(page, stack, await askForLink(page, stack, MAYA));
  await page.getByRole("button", { name: /^All wineries/ }).click();
  await page.waitForURL(`${stack.app.url}/operator`);
  await postgres.setReadOnly("on");
  const database = page.getByRole("table", { name: "Stores" }).getByRole("row", { name: /^Database/ });
  const state = database.getByText("Read-only");
  await expect(async () => {
    await page.reload();
    await expect(state).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expectFitToLookAt(page);

  // On a narrow screen too, its border goes once around it.
  await page.setViewportSize({ width: 320, height: 900 });
  await expect(database.getByText(/^Since/)).toBeVisible();
  expect(await state.evaluate((element) => element.getClientRects().length)).toBe(1);
});
