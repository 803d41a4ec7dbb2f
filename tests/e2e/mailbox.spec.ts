import { createMailer } from "../../app/lib/mail/mailer";
import { expect, test } from "./fixtures";
import { expectFitToLookAt } from "./looks";

const LINK = "http://127.0.0.1:9/magic?token=one";

test("the sandbox's mailbox, empty and full: fit to look at, and its links open a tab that knows nothing of it", async ({
  admin: { page },
  stack: { sandbox },
  context,
}) => {
  await page.goto(sandbox.url);
  await page.getByRole("link", { name: "Mailbox", exact: true }).click();
  await expect(page.getByRole("heading", { name: "No mail yet" })).toBeVisible();
  await expectFitToLookAt(page);

  const mailer = createMailer({ smtpUrl: sandbox.smtpUrl, from: "Libero <libero@localhost>" });
  const words = { subject: `A link ${"very".repeat(40)} long`, html: `<a href="${LINK}">Sign in</a>` };
  await mailer.send({ to: "maya@spectrawinery.example", text: `Open ${LINK}${"x".repeat(300)}.`, ...words });
  await mailer.close();
  await page.getByRole("link", { name: "Look again" }).click();
  await expect(page.getByText("To maya@spectrawinery.example")).toBeVisible();
  await expectFitToLookAt(page);
  await page.getByRole("button", { name: "Switch to dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(page.url()).toBe(`${sandbox.url}/mailbox`);
  await expectFitToLookAt(page);

  await context.route(/magic/, (route) => route.fulfill({ body: "opened" }));
  await page.getByText("As HTML").click();
  const inMarkup = page
    .frameLocator('iframe[title="The mail as HTML"]')
    .getByRole("link", { name: "Sign in" });
  for (const link of [page.getByRole("link", { name: LINK }), inMarkup]) {
    const opening = context.waitForEvent("page");
    await link.click();
    const opened = await opening;
    await expect(opened.getByText("opened")).toBeVisible();
    expect(await opened.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
    await opened.close();
  }
});
