import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`A3 A5: a restart between two clicks (${signal}) signs nobody out`, async ({ admin, stack }) => {
    await admin.signIn(TENANT);
    await admin.hydrated();
    const { value } = await admin.cookie();
    const calls = stack.sandbox.accountCalls();

    await stack.restart(signal);
    await admin.link("Settings").click();
    await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();
    await admin.reloadFrame();
    await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();
    expect((await admin.cookie()).value).toBe(value);
    expect(stack.sandbox.accountCalls()).toBe(calls);
  });
}
