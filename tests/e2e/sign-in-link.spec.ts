import type { Page } from "@playwright/test";
import { SESSION_COOKIE } from "./admin";
import { expect, test } from "./fixtures";
import { expectFitToLookAt } from "./looks";
import { askForLink, JASON, MAYA, openFromWebmail, welcomeInAdmin } from "./sign-in-link";

test.beforeEach(async ({ stack }) => {
  await stack.reset();
  await welcomeInAdmin(stack);
});

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

test("B7: staff sign in by the link in a mail, at top level, and stay so until they sign out", async ({
  page,
  context,
  stack,
}) => {
  const calls = stack.sandbox.accountCalls();
  const link = await askForLink(page, stack, JASON);
  await expectFitToLookAt(page);
  await openFromWebmail(page, stack, link);
  await expect(heading(page, "Welcome, Jason Andres")).toBeVisible();
  expect(page.url()).toBe(`${stack.app.url}/app`);
  expect(stack.sandbox.accountCalls()).toBe(calls);

  await page.reload();
  await page.waitForFunction(() => "__remixRouter" in window);
  await page.getByRole("link", { name: "Devices", exact: true }).click();
  await expect(page.getByText("by e-mail").first()).toBeVisible();
  const cookies = await context.cookies(stack.app.url);
  expect(cookies.map(({ name, sameSite }) => [name, sameSite]).toSorted()).toEqual([
    [SESSION_COOKIE, "None"],
    ["__session", "Lax"],
  ]);
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await expect(heading(page, /Your winery/)).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");
  await page.goto(`${stack.app.url}/app`);
  expect(new URL(page.url()).pathname).toBe("/");
});

test("B7: an operator chooses the operator's page", async ({ page, stack }) => {
  await openFromWebmail(page, stack, await askForLink(page, stack, MAYA));
  await expect(heading(page, "Where do you want to go?")).toBeVisible();
  expect(page.url()).toBe(`${stack.app.url}/magic`);
  await expectFitToLookAt(page);
  // The first thing that the keyboard reaches is the first choice.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: /^All wineries/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${stack.app.url}/operator`);
  await expect(heading(page, "All wineries")).toBeVisible();
  await expect(page.getByRole("table", { name: "Newest sign-ins" })).toContainText("Jason Andres");
  await expectFitToLookAt(page);

  await page.getByRole("link", { name: "Read again" }).click();
  for (const stop of ["Skip to content", "Sign out", "Read again"]) {
    await page.keyboard.press("Tab");
    await expect(page.getByText(stop)).toBeFocused();
  }
  await page.getByRole("button", { name: "Sign out" }).press("Enter");
  await expect(heading(page, "Sign in by e-mail")).toBeVisible();
  await page.goto(`${stack.app.url}/operator`);
  expect(new URL(page.url()).pathname).toBe("/login");
});

test("B7: in another browser the link opens nothing, and in the right one still everything, without scripts too", async ({
  browser,
  stack,
}) => {
  const here = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  const elsewhere = await (await browser.newContext()).newPage();
  const link = await askForLink(here, stack, JASON);
  await elsewhere.goto(link);
  await expect(heading(elsewhere, "Open the link where you asked for it")).toBeVisible();
  await expect(elsewhere.getByRole("link", { name: "Ask for a new link" })).toBeVisible();
  expect(await elsewhere.context().cookies(stack.app.url)).toEqual([]);
  await expectFitToLookAt(elsewhere);
  await here.goto(link);
  await expect(heading(here, "Welcome, Jason Andres")).toBeVisible();
  await here.goto(link);
  await expect(heading(here, "This link has been used")).toBeVisible();
  for (const one of [here, elsewhere]) await one.context().close();
  // No line of the log has a link, or an address.
  expect(stack.app.output()).toContain('"path":"/magic"');
  expect(stack.app.output()).not.toMatch(/token=|jason@|maya@/);
});
