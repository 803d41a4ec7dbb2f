import type { Page } from "@playwright/test";
import { expect } from "./fixtures";
import { OPERATOR, type Stack } from "./stack";

const TENANT = "spectrawinery";

export const JASON = { id: "12211212-2706-4e36-bcf5-57a9248edcdf", email: "jason@spectrawinery.example" };
export const MAYA = { id: "5b1f0c7e-94a3-4d0e-8a56-0e6c1b7f2d31", email: OPERATOR };

/** Both open Libero in the admin, which is how their addresses become known. */
export async function welcomeInAdmin({ sandbox, app }: Stack): Promise<void> {
  await sandbox.install(TENANT);
  for (const { id } of [JASON, MAYA]) {
    const query = new URLSearchParams({ tenantId: TENANT, account: sandbox.accountToken(TENANT, id) });
    const opened = await fetch(`${app.url}/app?${query}`, { redirect: "manual" });
    expect(opened.status).toBe(302);
  }
}

/** Asks for a link on the page, and takes it out of the mail. */
export async function askForLink(
  page: Page,
  { sandbox, app }: Stack,
  { email }: { email: string },
): Promise<string> {
  const mails = () => sandbox.mails().filter(({ to }) => to === email);
  const seen = mails().length;
  await page.goto(app.url);
  await page.getByRole("link", { name: "Sign in by e-mail" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  await expect.poll(() => mails().length, { intervals: [50] }).toBe(seen + 1);
  const [link] = /https?:\/\/\S+\?token=\S+/.exec(mails()[0]?.text ?? "") ?? [];
  if (!link) throw new Error("the mail has no link");
  return link;
}

/** Clicks the link in a page of another site, as webmail is one. */
export async function openFromWebmail(page: Page, { sandbox }: Stack, link: string): Promise<void> {
  await page.goto(sandbox.url);
  await page.setContent(`<a href="${link}" rel="noopener">Sign in to Libero</a>`);
  await page.getByRole("link", { name: "Sign in to Libero" }).click();
}
