import type { SandboxParts } from "../express-app";
import type { ReceivedMail } from "../mailbox";
import { type Winery, wineries } from "../wineries";
import { type Html, html } from "./html";
import { icon } from "./icons";
import { document, topBar } from "./layout";
import { clock } from "./webhook-list";

/** Everything that the app has mailed, the newest first and open, and whom it could write to. */
export function mailboxPage(parts: SandboxParts): string {
  const theme = parts.state.theme();
  const mails = parts.mails();
  return document(
    theme,
    mails.length > 0 ? `Mailbox (${mails.length})` : "Mailbox",
    html`${topBar(parts, { page: "mailbox" })}
<main class="narrow" data-fresh>
  <div class="page-head">
    <h1>Mailbox</h1>
    <a class="button small-button" href="/mailbox">${icon("reload")}Look again</a>
  </div>
  <p class="lead">Whatever Libero mails, to whomever, ends here and reaches nobody: its
    <code>SMTP_URL</code> is <code>${parts.smtpUrl}</code>. The last 50 are kept until the sandbox stops.</p>
  ${mails.length > 0 ? mailList(mails) : noMail(parts)}
  ${addresses(parts)}
</main>`,
  );
}

/** A part of a mail as a document of its own, for a frame that may do nothing. */
export function mailDocument({ html: markup }: ReceivedMail): string {
  return `<!doctype html><meta charset="utf-8"><base target="_blank">${markup}`;
}

function mailList(mails: readonly ReceivedMail[]): Html {
  return html`<section class="mails" aria-label="Mails">${mails.map(mailEntry)}</section>`;
}

function mailEntry({ id, time, from, to, subject, text, html: markup }: ReceivedMail, index: number): Html {
  return html`<details class="mail"${index === 0 && html` open`}>
  <summary class="mail-head">
    <span class="mail-text"><span class="mail-subject">${subject || "No subject"}</span>
      <span class="small secondary">To ${to || "nobody"}</span></span>
    <time class="small secondary" datetime="${time}">${clock.format(new Date(time))}</time>
  </summary>
  <div class="mail-body">
    <p class="small secondary">From ${from || "nobody"}</p>
    ${text ? html`<p class="mail-words">${linked(text.trim())}</p>` : !markup && html`<p class="secondary">Empty.</p>`}
    ${markup && markupPart(id, text === undefined)}
  </div>
</details>`;
}

function markupPart(id: string, alone: boolean): Html {
  return html`<details${alone && html` open`}>
    <summary class="mail-unfold small">As HTML</summary>
    <iframe class="mail-frame" title="The mail as HTML" src="/mailbox/${id}" sandbox="allow-popups allow-popups-to-escape-sandbox"
      loading="lazy" referrerpolicy="no-referrer"></iframe>
  </details>`;
}

/** The text, whose addresses can be followed: in a tab of their own, which learns nothing of this one. */
function linked(text: string): Html[] {
  // What ends a sentence, or a pair of brackets around an address, is no part of it.
  const pieces = text.split(/(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}])/);
  return pieces.map((piece, index) =>
    index % 2 === 0
      ? html`${piece}`
      : html`<a href="${piece}" target="_blank" rel="noopener noreferrer">${piece}</a>`,
  );
}

function noMail({ appUrl }: SandboxParts): Html {
  return html`<div class="mail-none">
  ${icon("mail")}
  <h2>No mail yet</h2>
  <p class="secondary">To get one, ask for a link to sign in with at <a href="${appUrl()}/login" target="_blank"
    rel="noopener noreferrer">${appUrl()}/login</a>, for one of the addresses below.</p>
</div>`;
}

function addresses({ state, operatorEmails }: SandboxParts): Html {
  return html`<section class="addresses" aria-labelledby="addresses-title">
  <h2 id="addresses-title">Addresses that get a link</h2>
  <dl>
    ${operatorEmails.length > 0 && address("Operator", "At any time", operatorEmails)}
    ${wineries.map((winery) => staffOf(winery, state.installed(winery.tenantId)))}
  </dl>
</section>`;
}

function staffOf({ tenantId, name, staff }: Winery, installed: boolean): Html {
  const place = html`<a href="/admin/${tenantId}">${installed ? "Open Libero as them" : "Install Libero"}</a>`;
  return address(
    name,
    html`${place} first`,
    staff.map(({ email }) => email),
  );
}

function address(whose: string, when: Html | string, emails: readonly string[]): Html {
  return html`<div class="address">
      <dt>${whose}<span class="small secondary">${when}</span></dt>
      <dd><ul>${emails.map((email) => html`<li><code>${email}</code></li>`)}</ul></dd>
    </div>`;
}
