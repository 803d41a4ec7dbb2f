import { expect, it } from "vitest";
import { writeLinkMail } from "../../../app/lib/sign-in-links/mail";

const MAIL = {
  link: "https://libero.example/magic?token=abc.def",
  origin: "https://libero.example",
  device: "Firefox on Windows",
  address: "203.0.113.7",
};

it("B7: the mail says what the link is, who asked, how long it is good for, and what to do if it was not you", () => {
  const { subject, text, html } = writeLinkMail(MAIL);
  expect(subject).toBe("Your link to sign in to Libero");
  for (const part of [text, html]) {
    expect(part).toContain(MAIL.link);
    expect(part).toMatch(/works once, for 10 minutes, in the browser that asked/);
    expect(part).toContain("with Firefox on Windows, from the network address 203.0.113.7");
    expect(part).toContain("If it was not you, do nothing");
  }
});

it("nothing in it tells when it was read: no picture, no script, no address but the link's", () => {
  const { html } = writeLinkMail(MAIL);
  expect(html).not.toMatch(/<img|<script|<link|<iframe|url\(|@import/i);
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses).toEqual([MAIL.link]);
});

it("says so where nobody knows who asked, and writes nothing of a visitor's as HTML", () => {
  expect(writeLinkMail({ ...MAIL, device: null, address: undefined }).text).toContain(
    "Asked for by a browser that did not say which it is.",
  );
  const { html } = writeLinkMail({ ...MAIL, device: `<b>"&'` });
  expect(html).toContain("with &lt;b&gt;&quot;&amp;&#39;,");
});
