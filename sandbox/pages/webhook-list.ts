import { type Delivery, succeeded } from "../types";
import { type Html, html } from "./html";

/** When something happened, to the second. */
export const clock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** The webhooks that were sent, as they come, each with its body and the app's answer to unfold. */
export function webhookList(deliveries: readonly Delivery[]): Html {
  return html`<section class="webhooks" aria-labelledby="webhooks-title">
  <h3 id="webhooks-title">Webhooks</h3>
  ${deliveries.length > 0 ? deliveries.map(entry) : html`<p class="empty secondary">None were sent yet.</p>`}
</section>`;
}

function entry(delivery: Delivery): Html {
  const { time, kind, durationMs, url, requestBody, responseBody, error } = delivery;
  return html`<details class="webhook">
  <summary class="webhook-head">
    <span class="badge ${succeeded(delivery) ? "success" : "error"}">${delivery.status ?? "failed"}</span>
    <span class="webhook-text">${kind}
    <span class="webhook-time small secondary"><time datetime="${time}">${clock.format(new Date(time))}</time>
      <span class="webhook-duration">${durationMs} ms</span></span></span>
  </summary>
  <div class="webhook-body">
    <p class="small secondary"><code>POST ${url}</code></p>
    <h4>Request</h4><pre>${JSON.stringify(requestBody, null, 2)}</pre>
    <h4>Answer</h4>${error && html`<p class="error-text">${error}</p>`}
    ${responseBody ? html`<pre>${pretty(responseBody)}</pre>` : !error && html`<p class="secondary">Empty.</p>`}
  </div>
</details>`;
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
