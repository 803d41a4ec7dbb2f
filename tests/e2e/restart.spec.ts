import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";

test("A3 A5: a restart between two clicks signs no one out, in order (SIGTERM) or not (SIGKILL)", async ({
  admin,
  stack,
}) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  const { value } = await admin.cookie();
  const calls = stack.sandbox.accountCalls();
  for (const [signal, page] of [
    ["SIGTERM", "Settings"],
    ["SIGKILL", "Devices"],
  ] as const) {
    await stack.restart(signal);
    await admin.goTo(page);
    await admin.reloadFrame();
    await expect(admin.heading(page)).toBeVisible();
    await admin.hydrated();
    expect((await admin.cookie()).value).toBe(value);
    expect(stack.sandbox.accountCalls()).toBe(calls);
  }
});
