import type { SandboxParts } from "../express-app";
import { type Staff, type Winery, wineries } from "../wineries";
import { appPanel, notices } from "./app-panel";
import { faultPanel } from "./fault-panel";
import { type Html, html } from "./html";
import { icon } from "./icons";
import { document, topBar } from "./layout";
import { webhookList } from "./webhook-list";

/** The admin of a winery: Libero in its frame or the button that installs it, and the sandbox's own controls. */
export function wineryPage(parts: SandboxParts, winery: Winery): string {
  const theme = parts.state.theme();
  const { tenantId } = winery;
  const deliveries = parts.state.deliveries().filter((each) => each.tenantId === tenantId);
  return document(
    theme,
    `Libero · ${winery.name}`,
    html`${topBar(parts, { tenantId }, html`${winerySwitch(winery)}${staffSwitch(winery, parts.state.staff(tenantId))}`)}
<div class="admin">
  ${sidebar()}
  <main class="admin-main" aria-label="Winery admin">
    ${notices(deliveries[0], parts.fault())}
    ${appPanel(parts, winery)}
    <section class="tools" aria-labelledby="tools-title">
      <h2 id="tools-title">Sandbox</h2>
      <div class="tools-grid">${faultPanel(tenantId, parts.fault())}${webhookList(deliveries)}</div>
    </section>
  </main>
</div>`,
  );
}

function winerySwitch(current: Winery): Html {
  const link = (each: Winery) =>
    html`<li><a href="/admin/${each.tenantId}"${each === current && html` aria-current="page"`}>
      ${each.name}<span class="small secondary">${each.tenantId}</span></a></li>`;
  return html`<details class="menu">
  <summary aria-label="${current.name}, switch winery"><span>${current.name}</span>${icon("chevron")}</summary>
  <ul>${wineries.map(link)}</ul>
</details>`;
}

function staffSwitch(winery: Winery, chosen: Staff): Html {
  const option = (each: Staff) =>
    html`<option value="${each.id}"${each === chosen && html` selected`}>${staffLabel(each)}</option>`;
  return html`<form class="staff-form" method="post" action="/admin/${winery.tenantId}/staff">
  <label for="staff">Signed in as</label>
  <select id="staff" name="staffId" data-submit>${winery.staff.map(option)}</select>
  <noscript><button class="button small-button">Use</button></noscript>
</form>`;
}

function staffLabel({ firstName, lastName, role }: Staff): string {
  return `${firstName} ${lastName} · ${role ?? "no role"}`;
}

function sidebar(): Html {
  const places = ["Dashboard", "Orders", "Customers", "Products", "Club"] as const;
  const icons = ["dashboard", "orders", "customers", "products", "club"] as const;
  const place = (name: string, index: number) =>
    html`<li><span class="place disabled">${icon(icons[index] ?? "apps")}${name}</span></li>`;
  return html`<nav class="sidebar" aria-label="Admin">
  <ul>
    ${places.map(place)}
    <li><span class="place">${icon("apps")}Apps</span>
      <ul><li><a class="place active" href="" aria-current="page">Libero</a></li></ul></li>
  </ul>
</nav>`;
}
