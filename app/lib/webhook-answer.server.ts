import { WebhookRefusal } from "./commerce7/webhook";

/** DOOR: how webhooks are answered, in JSON. */

const NO_STORE = { "Cache-Control": "no-store" };

/** Runs a webhook's handler and answers what came of it; a refusal names its reason. */
export async function answerWebhook(
  handle: () => Promise<{ body: object; setCookie?: string }>,
): Promise<Response> {
  try {
    const { body, setCookie } = await handle();
    const headers = new Headers(NO_STORE);
    if (setCookie) headers.set("Set-Cookie", setCookie);
    return Response.json(body, { headers });
  } catch (error) {
    if (!(error instanceof WebhookRefusal)) throw error;
    const headers = new Headers(NO_STORE);
    if (error.status === 401) headers.set("WWW-Authenticate", 'Basic realm="Libero", charset="UTF-8"');
    if (error.retryAfterSeconds) headers.set("Retry-After", String(error.retryAfterSeconds));
    return Response.json({ error: error.message }, { status: error.status, headers });
  }
}

/** A webhook's address knows POST alone (RFC 9110, 15.5.6). */
export function refuseOtherMethods(): Response {
  return Response.json(
    { error: "send a POST request" },
    { status: 405, headers: { ...NO_STORE, Allow: "POST" } },
  );
}
