import { expectUnreachableUntilTriedAgain, statusOfOpening, TENANT } from "./faults";
import { expect, test } from "./fixtures";

test.beforeEach(({ expectErrors }) => expectErrors(/status of (401|403|404|503)/));

for (const fault of ["refuse", "no-id"] as const) {
  test(`A2: Commerce7 does not confirm who it is (${fault}): 401, and no session`, async ({
    admin,
    stack,
  }) => {
    await stack.sandbox.install(TENANT);
    stack.sandbox.setFault(fault);
    expect(await statusOfOpening(admin)).toBe(401);
    await expect(admin.heading("Commerce7 did not confirm your access")).toBeVisible();
    expect(await admin.page.context().cookies(stack.app.url)).toEqual([]);
    await admin.link("How to open Libero").click();
    await expect(admin.landing).toBeVisible();
  });
}

test("A2 A7: a winery without Libero: 403, and no session", async ({ admin, stack }) => {
  await stack.sandbox.install(TENANT);
  await stack.webhook("uninstall", { tenantId: TENANT });
  expect(await statusOfOpening(admin)).toBe(403);
  await expect(admin.heading("Libero is not installed for this winery")).toBeVisible();
  expect(await admin.page.context().cookies(stack.app.url)).toEqual([]);
});

for (const fault of ["500", "html"] as const) {
  test(`A2: Commerce7 cannot be reached (${fault}): 503, until Try again finds it`, async ({
    admin,
    stack,
  }) => {
    await expectUnreachableUntilTriedAgain(admin, stack, fault);
  });
}

test("A2: while Commerce7 stays away, Try again leads to the same page", async ({ admin, stack }) => {
  await stack.sandbox.install(TENANT);
  stack.sandbox.setFault("500");
  await statusOfOpening(admin);
  const calls = stack.sandbox.accountCalls();
  await admin.link("Try again").click();
  await expect.poll(() => stack.sandbox.accountCalls()).toBe(calls + 1);
  await expect(admin.heading("Commerce7 cannot be reached right now")).toBeVisible();
});

test("an address that does not exist: 404, and a way on", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  const answer = await (await admin.frame()).goto(`${stack.app.url}/cellar/barrels`);
  expect(answer?.status()).toBe(404);
  await expect(admin.heading("There is no page at this address")).toBeVisible();
  await admin.link("How to open Libero").click();
  await expect(admin.landing).toBeVisible();
  await admin.link("Open the overview").click();
  await expect(admin.welcome).toBeVisible();
});
