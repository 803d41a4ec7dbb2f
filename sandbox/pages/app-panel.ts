import type { SandboxParts } from "../express-app";
import { type Delivery, type Fault, succeeded } from "../types";
import type { Winery } from "../wineries";
import { faultLabels } from "./fault-panel";
import { type Html, html } from "./html";
import { appMark, icon } from "./icons";
import { installedBadge } from "./overview";

/** Libero in its frame, or, where it is not installed, what it is and the button that installs it. */
export function appPanel(parts: SandboxParts, winery: Winery): Html {
  return parts.state.installed(winery.tenantId) ? framedApp(parts, winery) : offeredApp(winery);
}

function framedApp({ state, appUrl, accountToken }: SandboxParts, { tenantId }: Winery): Html {
  const account = accountToken(tenantId);
  const query = new URLSearchParams({ tenantId, account, adminUITheme: state.theme() });
  return html`<div class="app-head">
  ${appMark()}<h1>Libero</h1>${installedBadge(true)}
  <div class="app-actions">
    <button class="button small-button" type="button" data-reload hidden>${icon("reload")}Reload app</button>
    <form method="post" action="/admin/${tenantId}/uninstall" data-once>
      <button class="button small-button danger">Uninstall</button>
    </form>
  </div>
</div>
<iframe title="Libero" src="${appUrl()}/app?${query.toString()}" referrerpolicy="no-referrer"></iframe>`;
}

function offeredApp({ tenantId, name }: Winery): Html {
  return html`<div class="app-offer">
  ${appMark()}
  <h1>Libero</h1>
  <p class="secondary">Signs the staff of ${name} in from the admin, shows who is signed in now, and ends sessions on
    time. Installing sends the install webhook and opens Libero here.</p>
  <form method="post" action="/admin/${tenantId}/install" data-once>
    <button class="button primary">Install</button>
  </form>
</div>`;
}

/** What needs attention: the newest webhook failed, or the account API is set to misbehave. */
export function notices(newest: Delivery | undefined, fault: Fault): Html {
  return html`${newest && !succeeded(newest) && failureNotice(newest)}
${fault !== "none" && faultNotice(fault)}`;
}

function failureNotice({ kind, status, error }: Delivery): Html {
  const reason = error ?? `the app answered ${status}`;
  return html`<p class="notice error" role="alert">Libero could not be ${kind}ed: ${reason}.</p>`;
}

function faultNotice(fault: Fault): Html {
  return html`<p class="notice warning">Commerce7 ${faultLabels[fault]} when Libero asks who is signed in.
    <a href="#fault">Change</a></p>`;
}
