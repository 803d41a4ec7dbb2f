import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createMailer, type Mail, type Mailer } from "../../../app/lib/mail/mailer";
import type { Sandbox } from "../../../sandbox/server";
import { wineries } from "../../../sandbox/wineries";
import { openSandbox, pageText, postForm } from "./support";

const MAIL: Mail = { to: "maya@spectrawinery.example", subject: "Your link", text: "Hello" };
const mailers: Mailer[] = [];
afterEach(async () => {
  for (const mailer of mailers.splice(0)) await mailer.close();
});

/** Mails as the app does. */
async function mail({ smtpUrl }: Sandbox, ...mails: Partial<Mail>[]) {
  const mailer = createMailer({ smtpUrl, from: "Libero <libero@localhost>" });
  mailers.push(mailer);
  // Those of one call at once: the server has each wait a moment for its greeting.
  await Promise.all(mails.map((each) => mailer.send({ ...MAIL, ...each })));
}

const entries = (page: string) =>
  page
    .replace(/<section class="addresses".*/s, "")
    .split('<details class="mail"')
    .slice(1);

test("without a mail the page says how one gets here, and for which addresses", async () => {
  const sandbox = await openSandbox({ appUrl: "http://localhost:3000", operatorEmails: ["op@example.com"] });
  const page = await pageText(sandbox, "/mailbox");
  expect(page).toContain("No mail yet");
  expect(page).toContain('href="http://localhost:3000/login"');
  expect(page).toContain(sandbox.smtpUrl);
  for (const { email } of wineries.flatMap(({ staff }) => staff))
    expect(page).toContain(`<code>${email}</code>`);
  expect(page).toContain("<code>op@example.com</code>");
  expect(await pageText(await openSandbox(), "/mailbox")).not.toContain("Operator");
});

test("what was mailed is shown, the newest first and open: to whom, from whom, when and what", async () => {
  const sandbox = await openSandbox();
  await mail(sandbox, { subject: "The first" });
  await mail(sandbox, { to: "tom@spectrawinery.example", subject: "Grüße 🍷", text: "Ça va?" });
  const [newest = "", first = "", ...others] = entries(await pageText(sandbox, "/mailbox"));
  expect(others).toEqual([]);
  expect(newest).toMatch(/^ open>/);
  for (const part of [
    "Grüße 🍷",
    "To tom@spectrawinery.example",
    "From Libero &#60;libero@localhost&#62;",
    "Ça va?",
  ]) {
    expect(newest).toContain(part);
  }
  const [, time = ""] = /datetime="([^"]+)"/.exec(newest) ?? [];
  expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(10_000);
  expect(first).toMatch(/^>/);
  expect(first).toContain("The first");
  expect(sandbox.mails().map(({ subject }) => subject)).toEqual(["Grüße 🍷", "The first"]);
});

test("every page's bar leads there and says how many mails there are", async () => {
  const sandbox = await openSandbox();
  expect(await pageText(sandbox, "/")).toContain('href="/mailbox" aria-label="Mailbox"');
  await mail(sandbox, {});
  expect(await pageText(sandbox, "/admin/spectrawinery")).toContain('aria-label="Mailbox, 1 mail"');
  await mail(sandbox, {});
  for (const path of ["/", "/mailbox", "/admin/nobody", "/nowhere"]) {
    expect(await pageText(sandbox, path)).toContain('aria-label="Mailbox, 2 mails"');
  }
});

test("an address in the text is a link to a tab that learns nothing of this one; the full stop is no part of it", async () => {
  const sandbox = await openSandbox();
  const link = "http://localhost:3000/magic?token=a_b-c.d&x=1";
  await mail(sandbox, { text: `Open (${link}), or https://example.com/.\njavascript:alert(1)` });
  const [entry = ""] = entries(await pageText(sandbox, "/mailbox"));
  const links = [...entry.matchAll(/<a href="([^"]+)"([^>]*)>([^<]+)<\/a>([^<]*)/g)].map(
    ([, ...parts]) => parts,
  );
  const apart = ' target="_blank" rel="noopener noreferrer"';
  const escaped = link.replace("&", "&#38;");
  expect(links).toEqual([
    [escaped, apart, escaped, "), or "],
    ["https://example.com/", apart, "https://example.com/", ".\njavascript:alert(1)"],
  ]);
});

test("what a mail says is shown as text, never as markup", async () => {
  const sandbox = await openSandbox();
  const evil = `<script>alert("1")</script>'&`;
  await mail(sandbox, { subject: evil, text: `${evil} https://evil.example/"onclick="x` });
  const page = await pageText(sandbox, "/mailbox");
  expect(page).not.toContain("<script>alert");
  expect(page).not.toContain('"onclick');
  expect(page.split("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;")).toHaveLength(3);
});

test("markup is in a frame that runs nothing, sends nothing and fetches nothing", async () => {
  const sandbox = await openSandbox();
  await mail(sandbox, { html: "<b>Hello</b><script>alert(1)</script>" });
  await mail(sandbox, { subject: "plain" });
  const [plain = "", entry = ""] = entries(await pageText(sandbox, "/mailbox"));
  expect(plain).not.toContain("<iframe");
  const [, path = "", sandboxed = ""] = /<iframe[^>]*src="([^"]+)" sandbox="([^"]*)"/.exec(entry) ?? [];
  expect(sandboxed.split(" ").sort()).toEqual(["allow-popups", "allow-popups-to-escape-sandbox"]);
  const answer = await fetch(`${sandbox.url}${path}`);
  expect(await answer.text()).toContain("<b>Hello</b>");
  const policy = answer.headers.get("content-security-policy");
  expect(policy).toMatch(/^default-src 'none';.*frame-ancestors 'self'; sandbox allow-popups/);
  expect(policy).not.toContain("allow-scripts");
  for (const none of [sandbox.mails()[0]?.id, "nothing"])
    expect((await fetch(`${sandbox.url}/mailbox/${none}`)).status).toBe(404);
});

test("the last 50 are kept, and no mail of more than a megabyte", async () => {
  const sandbox = await openSandbox();
  await mail(sandbox, { subject: "The first" });
  await mail(sandbox, ...Array.from({ length: 49 }, () => ({ subject: "Another" })));
  expect(sandbox.mails().at(-1)?.subject).toBe("The first");
  await mail(sandbox, { subject: "One more" });
  const subjects = sandbox.mails().map(({ subject }) => subject);
  expect([subjects.length, subjects[0], subjects.at(-1)]).toEqual([50, "One more", "Another"]);
  await expect(mail(sandbox, { text: "x".repeat(1_000_001) })).rejects.toThrow(/refused the mail.*55/);
  expect(sandbox.mails()).toHaveLength(50);
});

test("any name and password will do, and the theme switch leads back to the mailbox", async () => {
  const sandbox = await openSandbox();
  const smtpUrl = sandbox.smtpUrl.replace("//", "//who:ever@");
  await mail({ ...sandbox, smtpUrl }, {});
  expect(sandbox.mails()).toHaveLength(1);
  const answer = await postForm(sandbox, "/theme", { theme: "dark", page: "mailbox" });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/mailbox"]);
  expect((await postForm(sandbox, "/theme", { theme: "dark", page: "//evil.example" })).status).toBe(400);
});

test("close stops taking mails in, and waits for nobody", async () => {
  const sandbox = await openSandbox();
  const { hostname, port } = new URL(sandbox.smtpUrl);
  expect(hostname).toBe("127.0.0.1");
  const idle = connect(Number(port), hostname);
  await new Promise((resolve) => idle.once("data", resolve));
  const ended = new Promise((resolve) => idle.on("error", resolve).on("close", resolve));
  await sandbox.close();
  await ended;
  await expect(mail(sandbox, {})).rejects.toThrow(/does not take the mail/);
});
