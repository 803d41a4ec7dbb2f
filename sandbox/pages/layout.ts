import type { SandboxParts } from "../express-app";
import type { Theme } from "../types";
import { type Html, html } from "./html";
import { icon } from "./icons";

/** The document around a page: its title, theme, stylesheet and script. */
export function document(theme: Theme, title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="${theme}">
  <title>${title} · Commerce7 sandbox</title>
  <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
  <link rel="preload" href="/assets/inter-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin>
  <link rel="stylesheet" href="/assets/admin.css">
  <script src="/assets/admin.js" defer></script>
</head>
<body>${body}</body>
</html>
`.toString();
}

/** Where the theme switch leads back to, where that is not the overview. */
type Place = { tenantId?: string; page?: "mailbox" };

/** The bar at the top: the sandbox's name, then what the page puts there, then the mailbox and the theme switch. */
export function topBar(
  { state, mails }: Pick<SandboxParts, "state" | "mails">,
  at: Place = {},
  middle?: Html,
): Html {
  return html`<header class="top-bar">
  <a class="brand" href="/"><span class="brand-mark" aria-hidden="true">C7</span><span class="brand-name">Sandbox</span></a>
  ${middle}
  <div class="top-tools">
    ${mailboxLink(mails().length, at.page === "mailbox")}
    <form method="post" action="/theme">
      ${at.tenantId && html`<input type="hidden" name="tenant" value="${at.tenantId}">`}
      ${at.page && html`<input type="hidden" name="page" value="${at.page}">`}
      ${themeButton(state.theme())}
    </form>
  </div>
</header>`;
}

function mailboxLink(count: number, current: boolean): Html {
  const label = count === 0 ? "Mailbox" : `Mailbox, ${count} ${count === 1 ? "mail" : "mails"}`;
  return html`<a class="mailbox-link" href="/mailbox" aria-label="${label}"${current && html` aria-current="page"`}>
      ${icon("mail")}<span class="mailbox-name">Mailbox</span>
      ${count > 0 && html`<span class="count">${count}</span>`}</a>`;
}

function themeButton(theme: Theme): Html {
  const other = theme === "light" ? "dark" : "light";
  const label = `Switch to ${other}`;
  return html`<button class="icon-button" name="theme" value="${other}" aria-label="${label}" title="${label}">
    ${icon(other === "dark" ? "moon" : "sun")}</button>`;
}
