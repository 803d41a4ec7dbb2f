import type { Admin } from "./admin";
import { expect, test } from "./fixtures";

// Settings outlive a reset of the sandbox: each test sets whatever it relies on.
const TENANT = "bodega-del-sol";

test("A4: a fault is shown at its field, which has the focus and what was typed", async ({
  admin,
  expectErrors,
}) => {
  expectErrors(/status of 422/);
  await openSettings(admin);
  const email = admin.libero.getByLabel("Contact e-mail");
  await email.fill("not an address");
  await save(admin);

  await expect(admin.libero.getByText("Enter an e-mail address like name@example.com")).toBeVisible();
  await expect(email).toBeFocused();
  await expect(email).toHaveValue("not an address");
  await expect(email).toHaveAttribute("aria-invalid", "true");
  await expect(email).toHaveAccessibleDescription(/Enter an e-mail address/);

  await admin.reloadFrame();
  await expect(email).not.toHaveValue("not an address");
});

test("A4: valid settings are saved and shown after a reload", async ({ admin }) => {
  await openSettings(admin);
  const email = `cellar-${Date.now()}@example.com`;
  await admin.libero.getByLabel("Contact e-mail").fill(email);
  await admin.libero.getByLabel("Theme").selectOption("Dark");
  await save(admin);
  await expect(admin.libero.getByRole("status")).toHaveText("Settings saved.");

  await admin.reloadFrame();
  await expect(admin.libero.getByLabel("Contact e-mail")).toHaveValue(email);
  await expect(admin.libero.getByLabel("Theme")).toHaveValue("dark");
});

test("A5: a session lifetime holds from the next sign-in on", async ({ admin }) => {
  await admin.signIn(TENANT);
  for (const [label, seconds] of [
    ["30 minutes", 30 * 60],
    ["12 hours", 12 * 60 * 60],
  ] as const) {
    await admin.hydrated();
    await admin.goTo("Settings");
    await choose(admin, { "Session lifetime": label });
    const opening = admin.opening();
    await admin.open(TENANT);
    await expect(admin.welcome).toBeVisible();
    expect(await (await opening).headerValue("set-cookie")).toContain(`Max-Age=${seconds};`);
    const since = await momentOf(admin, "Signed in since");
    const until = await momentOf(admin, "Your session ends");
    expect(until - since).toBe(seconds * 1000);
  }
});

test("E6: the whole session policy is saved, shown after a reload, and taken back", async ({ admin }) => {
  const chosen = {
    "Session lifetime": "1 hour",
    "Idle limit": "15 minutes",
    "Renewal with use": "Up to 7 days",
    "Sessions per person": "3",
    "One session too many": "Refuse the new one",
  };
  const defaults = {
    "Session lifetime": "Default (8 hours)",
    "Idle limit": "Default (2 hours)",
    "Renewal with use": "Default (not renewed)",
    "Sessions per person": "Default (any number)",
    "One session too many": "Default (end the oldest)",
  };
  await openSettings(admin);
  for (const policy of [chosen, defaults]) {
    await choose(admin, policy);
    await admin.reloadFrame();
    for (const [name, label] of Object.entries(policy)) {
      await expect(admin.libero.getByLabel(name).locator("option:checked")).toHaveText(label);
    }
  }
});

test("E6, R9: where a winery refuses one session too many, a second browser is told so, and may try again", async ({
  admin,
  anotherBrowser,
  stack,
}) => {
  await openSettings(admin);
  await choose(admin, { "Sessions per person": "1", "One session too many": "Refuse the new one" });
  const other = await anotherBrowser();
  const opening = other.opening();
  await other.open(TENANT);
  expect((await opening).status()).toBe(403);
  await expect(other.heading("You are signed in on as many browsers as your winery allows")).toBeVisible();
  expect(await other.page.context().cookies(stack.app.url)).toEqual([]);

  await choose(admin, {
    "Sessions per person": "Default (any number)",
    "One session too many": "Default (end the oldest)",
  });
  await other.link("Try again").click();
  await expect(other.welcome).toBeVisible();
});

/** Chooses from lists by what they say, and saves. */
async function choose(admin: Admin, policy: Record<string, string>) {
  for (const [name, label] of Object.entries(policy)) {
    await admin.libero.getByLabel(name).selectOption({ label });
  }
  await save(admin);
  await expect(admin.libero.getByRole("status")).toHaveText("Settings saved.");
}

async function openSettings(admin: Admin) {
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.link("Settings").click();
  await expect(admin.heading("Settings")).toBeVisible();
}

async function save(admin: Admin) {
  await admin.libero.getByRole("button", { name: "Save settings" }).click();
}

/** The moment that a figure of the overview names. */
async function momentOf(admin: Admin, label: string): Promise<number> {
  const figure = admin.libero.locator("dl > div").filter({ hasText: label });
  return Date.parse((await figure.locator("time").getAttribute("datetime")) ?? "");
}
