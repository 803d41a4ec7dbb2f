import { Admin } from "./admin";
import { test as base, expect } from "./fixtures";
import { BACKGROUND, expectAccessible, setWidth, stickingOut } from "./looks";
import type { Stack } from "./stack";

const TENANT = "spectrawinery";
const SHORT_BREAK = "Libero is taking a short break";

/** The admin of the stack whose database can go away. */
const test = base.extend({
  admin: async ({ page, postgres, stackOnPostgres }, use) => {
    await stackOnPostgres.reset();
    await postgres.heard();
    await use(new Admin(page, stackOnPostgres));
  },
});

test.beforeEach(({ expectErrors }) => expectErrors(/status of 503/));
// Before the stack is reset for the next test, which asks the database.
test.afterEach(({ postgres }) => postgres.comeBack());

test("R31: a session outlasts it; each page says so, a sign-out says that it may not be done; and all goes on", async ({
  admin,
  postgres,
  stackOnPostgres: stack,
}) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  postgres.goAway();

  await admin.reloadFrame();
  await expect(admin.welcome).toBeVisible();
  await expect(awayNote(admin)).toBeVisible();
  await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND.light);
  await expect(admin.libero.getByText("Your session ends")).toBeVisible();
  await expect(admin.libero.getByRole("table")).toHaveCount(0);
  await admin.hydrated();
  for (const page of ["Devices", "Settings"]) {
    await admin.link(page).click();
    await expectShortBreak(admin, page);
    await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND.light);
  }
  const answered = admin.page.waitForResponse(`${stack.app.url}/settings`);
  await admin.link("Try again").click();
  expect((await answered).status()).toBe(503);
  await expectShortBreak(admin, "Settings");
  await admin.link("Overview").click();
  await expect(awayNote(admin)).toBeVisible();
  await admin.hydrated();
  await admin.signOutButton.click();
  await expect(admin.heading(SHORT_BREAK)).toBeVisible();
  await expect(admin.libero.getByText("You may still be signed in")).toBeVisible();
  expect((await admin.cookie()).value).toBe(value);

  postgres.comeBack();
  await ready(stack);
  await admin.link("Try again").click();
  await expect(admin.welcome).toBeVisible();
  await expect(admin.libero.getByRole("table")).toBeVisible();
  await expect(awayNote(admin)).toHaveCount(0);
  expect((await admin.cookie()).value).toBe(value);
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
});

test("R31: what was typed into the settings stays, and can be saved later", async ({
  admin,
  postgres,
  stackOnPostgres: stack,
}) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.goTo("Settings");
  const email = admin.libero.getByLabel("Contact e-mail");
  const status = admin.libero.getByRole("status");
  const save = admin.libero.getByRole("button", { name: "Save settings" });
  await email.fill("barrels@example.com");
  postgres.goAway();
  await save.click();
  await expect(status).toHaveText("Our database does not answer right now. Save again in a minute.");
  await expect(email).toHaveValue("barrels@example.com");
  await expectAccessible(admin, "light");

  postgres.comeBack();
  await ready(stack);
  await save.click();
  await expect(status).toHaveText("Settings saved.");
  await admin.reloadFrame();
  await expect(email).toHaveValue("barrels@example.com");
});

test("R31: looks as ever meanwhile, in both themes, at a desk and on a phone", async ({
  admin,
  postgres,
  stackOnPostgres: stack,
}) => {
  await admin.page.goto(stack.sandbox.url);
  await admin.switchTheme("dark");
  await admin.signIn(TENANT);
  postgres.goAway();
  for (const [path, heading] of [
    ["/app", /^Welcome/],
    ["/devices", SHORT_BREAK],
  ] as const) {
    await (await admin.frame()).goto(`${stack.app.url}${path}`);
    await expect(admin.heading(heading)).toBeVisible();
    await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND.dark);
    for (const width of [1280, 390]) {
      await setWidth(admin, width);
      expect(await (await admin.frame()).evaluate(stickingOut)).toEqual([]);
      await expectAccessible(admin, "dark");
    }
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("R31: a form that failed leads to a page as dark as the admin, and on", async ({
    admin,
    postgres,
    stackOnPostgres: stack,
  }) => {
    await admin.page.goto(stack.sandbox.url);
    await admin.switchTheme("dark");
    await admin.signIn(TENANT);
    for (const [page, button] of [
      ["Devices", "Sign out everywhere"],
      ["Settings", "Save settings"],
    ] as const) {
      await admin.goTo(page);
      await postgres.heard();
      postgres.goAway();
      await admin.libero.getByRole("button", { name: button, exact: true }).click();
      await expectShortBreak(admin, page);
      await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND.dark);
      postgres.comeBack();
      await ready(stack);
      await admin.link("Try again").click();
      await expect(admin.heading(page)).toBeVisible();
    }
  });
});

const awayNote = ({ libero }: Admin) => libero.getByRole("status").getByText("Sign-ins cannot be shown");

/** The fault, with all of the shell around it. */
async function expectShortBreak(admin: Admin, tab: string) {
  await expect(admin.heading(SHORT_BREAK)).toBeVisible();
  await expect(admin.signOutButton).toBeVisible();
  await expect(admin.link("Overview")).toBeVisible();
  await expect(admin.libero.locator("[aria-current=page]")).toHaveText(tab);
}

/** The database is left alone for a moment longer than it was away. */
const ready = ({ app }: Stack) =>
  expect.poll(async () => (await fetch(`${app.url}/readyz`)).status, { intervals: [50] }).toBe(200);
