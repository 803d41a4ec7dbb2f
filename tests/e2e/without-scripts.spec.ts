import { askWithCookie } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "bodega-del-sol";

test("A2 A6: works where the platform's script cannot be loaded", async ({
  admin,
  context,
  expectErrors,
}) => {
  expectErrors(/ERR_FAILED .*commerce7\.js/);
  let asked = 0;
  await context.route("**/v2/commerce7.js", (route) => {
    asked += 1;
    return route.abort();
  });
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.link("Settings").click();
  await expect(admin.heading("Settings")).toBeVisible();
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
  expect(asked).toBeGreaterThan(0);
});

test("the platform's script makes the frame as high as the page", async ({ admin }) => {
  await admin.page.setViewportSize({ width: 390, height: 700 });
  await admin.signIn(TENANT);
  await admin.fits();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("A2 A4: pages open, and the settings form says what is wrong and what was saved", async ({
    admin,
    expectErrors,
  }) => {
    expectErrors(/status of 422/);
    await admin.signIn(TENANT);
    await admin.link("Settings").click();
    const email = admin.libero.getByLabel("Contact e-mail");
    await email.fill("not an address");
    await admin.libero.getByRole("button", { name: "Save settings" }).click();
    await expect(admin.libero.getByText("Enter an e-mail address like name@example.com")).toBeVisible();
    await expect(email).toHaveValue("not an address");

    await email.fill("cellar@example.com");
    await admin.libero.getByRole("button", { name: "Save settings" }).click();
    await expect(admin.libero.getByRole("status")).toHaveText("Settings saved.");
    await expect(email).toHaveValue("cellar@example.com");
  });

  test("E5: devices: one is signed out, and everybody after a second step", async ({ admin, stack }) => {
    const query = new URLSearchParams({ tenantId: TENANT, account: stack.sandbox.accountToken(TENANT) });
    await admin.signIn(TENANT);
    const other = await fetch(`${stack.app.url}/app?${query}`, { redirect: "manual" });
    const [, value = ""] = /=([^;]+)/.exec(other.headers.get("set-cookie") ?? "") ?? [];
    expect((await askWithCookie(stack, "/app", value)).status).toBe(200);

    await admin.goTo("Devices");
    const own = admin.section("Where you are signed in");
    await own.getByRole("button", { name: "Sign out Unknown browser" }).click();
    await expect(admin.libero.getByRole("status")).toHaveText("1 session was ended.");
    expect((await askWithCookie(stack, "/app", value)).headers.get("location")).toBe("/");

    const confirm = admin.libero.getByRole("button", { name: "Yes, sign everybody out" });
    await expect(confirm).toBeHidden();
    await admin.libero.getByText("Sign everybody out…").click();
    await confirm.click();
    await expect(admin.landing).toBeVisible();
    expect(await admin.page.context().cookies(stack.app.url)).toEqual([]);
  });

  test("A6: signing out ends the session, and Back brings nothing back", async ({ admin }) => {
    await admin.signIn(TENANT);
    await admin.signOutButton.click();
    await expect(admin.landing).toBeVisible();
    await admin.goBack({ leadsTo: "/" });
    await expect(admin.landing).toBeVisible();
    await expect(admin.signOutButton).toHaveCount(0);
  });
});
