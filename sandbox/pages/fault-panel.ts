import type { Fault } from "../types";
import { type Html, html } from "./html";

/** What the account API does under a fault. */
export const faultLabels: Record<Fault, string> = {
  none: "normally",
  refuse: "refuses every token (401)",
  hang: "hangs and never answers",
  "500": "fails with a 500",
  html: "sends an HTML page",
  "no-id": "sends a user without an id",
};

/** The form that chooses how the account API answers. */
export function faultPanel(tenantId: string, fault: Fault): Html {
  const option = ([value, label]: [string, string]) =>
    html`<option value="${value}"${value === fault && html` selected`}>${label}</option>`;
  return html`<form class="fault-form" method="post" action="/fault">
  <input type="hidden" name="tenant" value="${tenantId}">
  <label for="fault">Commerce7 answers</label>
  <select id="fault" name="fault" data-submit aria-describedby="fault-help">
    ${Object.entries(faultLabels).map(option)}</select>
  <noscript><button class="button small-button">Apply</button></noscript>
  <p id="fault-help" class="small secondary">What Libero hears when it asks who a staff member is
    (<code>GET /v1/account/user</code>). For all wineries, until changed or restarted.</p>
</form>`;
}
