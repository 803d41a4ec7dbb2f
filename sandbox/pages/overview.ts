import type { SandboxParts } from "../express-app";
import { type Winery, wineries } from "../wineries";
import { type Html, html } from "./html";
import { document, topBar } from "./layout";

/** The start page: what the sandbox is, and its wineries. */
export function overviewPage(parts: SandboxParts): string {
  const { state, appUrl } = parts;
  return document(
    state.theme(),
    "Wineries",
    html`${topBar(parts)}
<main class="narrow">
  <h1>Wineries</h1>
  <p class="lead">This is a stand-in for the Commerce7 admin, for development: no data leaves this machine. Choose a
    winery to install Libero, open it in the admin’s frame, and see each webhook with its answer.</p>
  <ul class="winery-cards">${wineries.map((winery) => card(winery, state.installed(winery.tenantId)))}</ul>
  <p class="small secondary">The app under test answers at <a href="${appUrl()}/">${appUrl()}</a>. What it mails is in
    the <a href="/mailbox">mailbox</a>.</p>
</main>`,
  );
}

function card(winery: Winery, installed: boolean): Html {
  return html`<li class="winery-card">
  <span class="monogram" aria-hidden="true">${winery.name.charAt(0)}</span>
  <div class="winery-text">
    <h2><a href="/admin/${winery.tenantId}">${winery.name}</a></h2>
    <p class="small secondary">${winery.place}<br>${winery.staff.length} staff · <code>${winery.tenantId}</code></p>
  </div>
  ${installedBadge(installed)}
</li>`;
}

/** Says whether Libero is installed, in a word and a colour. */
export function installedBadge(installed: boolean): Html {
  return installed
    ? html`<span class="badge success">Installed</span>`
    : html`<span class="badge">Not installed</span>`;
}
