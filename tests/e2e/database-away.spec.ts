import pg from "pg";
import { startFaultyPostgres } from "../support/faulty-postgres";
import { startGate } from "../support/tcp-gate";
import type { Admin } from "./admin";
import { expect, test as onPglite } from "./fixtures";
import { BACKGROUND, expectNothingSerious, stickingOut } from "./looks";
import { openStack } from "./stack";

const TENANT = "spectrawinery";
const SHORT_BREAK = "Libero is taking a short break";

/** A real PostgreSQL that can go away and come back. */
type Database = {
  url: string;
  goAway(): void;
  comeBack(): void;
  /** Waits until the app hears of changes: before that it keeps no session in memory. */
  heard(): Promise<void>;
};

/** The same, over that database, one for all tests here. */
const test = onPglite.extend<object, { database: Database }>({
  database: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const postgres = await startFaultyPostgres();
      const url = new URL(postgres.url);
      const gate = await startGate({ host: url.hostname, port: Number(url.port) });
      url.port = String(gate.port);
      const sql = new pg.Client(postgres.url);
      await sql.connect();
      const heard = () => expect.poll(async () => (await sql.query(LISTENING)).rowCount).toBe(1);
      await use({ url: url.href, goAway: gate.shut, comeBack: gate.reopen, heard });
      await sql.end();
      await gate.stop();
      await postgres.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  stack: [
    async ({ database }, use) => {
      const stack = await openStack({ DATABASE_URL: database.url });
      await use(stack);
      await stack.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  admin: async ({ admin, database }, use) => {
    await database.heard();
    await use(admin);
  },
});

/** A connection that listens, and has answered since. */
const LISTENING =
  "select from pg_stat_activity where application_name = 'libero listen' and query = 'select 1'";

test.beforeEach(({ expectErrors }) => expectErrors(/status of 503/));
// Before the stack is reset for the next test, which asks the database.
test.afterEach(({ database }) => database.comeBack());

test("R31: whoever is signed in stays so, is told on every page, and goes on", async ({
  admin,
  database,
  stack,
}) => {
  await admin.signIn(TENANT);
  const { value } = await admin.cookie();
  database.goAway();

  await admin.reloadFrame();
  await expect(admin.welcome).toBeVisible();
  await expect(awayNote(admin)).toBeVisible();
  await expect(admin.libero.getByText("Your session ends")).toBeVisible();
  await expect(admin.libero.getByRole("table")).toHaveCount(0);
  await admin.hydrated();
  for (const page of ["Devices", "Settings"]) {
    await admin.link(page).click();
    await expectShortBreak(admin, page);
  }
  const answered = admin.page.waitForResponse(`${stack.app.url}/settings`);
  await admin.link("Try again").click();
  expect((await answered).status()).toBe(503);
  await expectShortBreak(admin, "Settings");
  await admin.link("Overview").click();
  await expect(awayNote(admin)).toBeVisible();

  database.comeBack();
  await tryAgainUntil(admin, /^Welcome/);
  await expect(admin.libero.getByRole("table")).toBeVisible();
  await expect(awayNote(admin)).toHaveCount(0);
  expect((await admin.cookie()).value).toBe(value);
});

test("R31: what was typed into the settings stays, and can be saved later", async ({ admin, database }) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.goTo("Settings");
  const email = admin.libero.getByLabel("Contact e-mail");
  const status = admin.libero.getByRole("status");
  const save = admin.libero.getByRole("button", { name: "Save settings" });
  await email.fill("barrels@example.com");
  database.goAway();
  await save.click();
  await expect(status).toHaveText("Our database does not answer right now. Save again in a minute.");
  await expect(email).toHaveValue("barrels@example.com");
  await expectNothingSerious(admin);

  database.comeBack();
  await expect(async () => {
    await save.click();
    await expect(status).toHaveText("Settings saved.", { timeout: 1_000 });
  }).toPass();
  await admin.reloadFrame();
  await expect(email).toHaveValue("barrels@example.com");
});

test("R31: whoever wants out is told that it may not be done, and can try again", async ({
  admin,
  database,
}) => {
  await admin.signIn(TENANT);
  await admin.hydrated();
  const { value } = await admin.cookie();
  database.goAway();
  await admin.signOutButton.click();
  await expect(admin.heading(SHORT_BREAK)).toBeVisible();
  await expect(admin.libero.getByText("You may still be signed in")).toBeVisible();
  expect((await admin.cookie()).value).toBe(value);

  database.comeBack();
  await tryAgainUntil(admin, /^Welcome/);
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test(`R31: looks as ever meanwhile, ${theme}, at a desk and on a phone`, async ({
    admin,
    database,
    stack,
  }) => {
    await admin.page.goto(stack.sandbox.url);
    if (theme === "dark") await admin.switchTheme(theme);
    await admin.signIn(TENANT);
    database.goAway();
    for (const [path, heading] of [
      ["/app", /^Welcome/],
      ["/devices", SHORT_BREAK],
    ] as const) {
      await (await admin.frame()).goto(`${stack.app.url}${path}`);
      await expect(admin.heading(heading)).toBeVisible();
      await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND[theme]);
      for (const width of [1280, 390]) {
        await admin.page.setViewportSize({ width, height: 900 });
        expect(await (await admin.frame()).evaluate(stickingOut)).toEqual([]);
        await expectNothingSerious(admin);
      }
    }
    database.comeBack();
    await tryAgainUntil(admin, "Devices");
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("R31: a form that failed leads to a page as dark as the admin, and on", async ({
    admin,
    database,
    stack,
  }) => {
    await admin.page.goto(stack.sandbox.url);
    await admin.switchTheme("dark");
    await admin.signIn(TENANT);
    for (const [page, button] of [
      ["Devices", "Sign out everywhere"],
      ["Settings", "Save settings"],
    ] as const) {
      await admin.goTo(page);
      database.goAway();
      await admin.libero.getByRole("button", { name: button, exact: true }).click();
      await expectShortBreak(admin, page);
      await expect(admin.libero.locator("body")).toHaveCSS("background-color", BACKGROUND.dark);
      database.comeBack();
      await tryAgainUntil(admin, page);
      await database.heard();
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
async function tryAgainUntil(admin: Admin, heading: string | RegExp) {
  await expect(async () => {
    const again = admin.link("Try again");
    if (await again.isVisible()) await again.click();
    await expect(admin.heading(heading)).toBeVisible({ timeout: 1_000 });
    await expect(again).toHaveCount(0, { timeout: 1_000 });
  }).toPass();
}
