import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`A3 A5: a restart between two clicks (${signal}) signs nobody out`, async ({ admin, house }) => {
    await admin.signIn(TENANT);
    await admin.hydrated();
    const { value } = await admin.cookie();
    const calls = house.sandbox.accountCalls();

    await house.restart(signal);
    await admin.link("Settings").click();
    await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();
    await admin.reloadFrame();
    await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();
    expect((await admin.cookie()).value).toBe(value);
    expect(house.sandbox.accountCalls()).toBe(calls);
  });
}
