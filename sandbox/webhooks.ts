import type { Delivery } from "./types";
import type { Staff, Winery } from "./wineries";

const answerLimitBytes = 2048;

/** The Basic auth pair that was typed into the developer centre. */
export type Credentials = { username: string; password: string };

/** A webhook about to be sent: to `{appUrl}/{kind}`, given up after `timeoutMs` or when `closing` aborts. */
export type Webhook = {
  kind: Delivery["kind"];
  tenantId: string;
  appUrl: string;
  body: Record<string, unknown>;
  credentials: Credentials;
  timeoutMs: number;
  closing: AbortSignal;
};

/** The body of the install webhook: the client settings as top-level keys, the winery, who installed it. */
export function installBody(winery: Winery, staff: Staff): Record<string, unknown> {
  const { id, firstName, lastName, email } = staff;
  return {
    tenantId: winery.tenantId,
    user: { id, firstName, lastName, email },
    "contact-email": winery.contactEmail,
  };
}

/** Sends a webhook and tells what came of it. Never throws: a refused or slow connection is a result too. */
export async function deliver(webhook: Webhook): Promise<Delivery> {
  const { kind, tenantId, body } = webhook;
  const url = `${webhook.appUrl}/${kind}`;
  const started = performance.now();
  const sent = { time: new Date().toISOString(), kind, tenantId, url, requestBody: body };
  const answer = await send(url, webhook);
  return { ...sent, ...answer, durationMs: Math.round(performance.now() - started) };
}

type Answer = Pick<Delivery, "status" | "error" | "responseBody">;

async function send(url: string, { body, credentials, timeoutMs, closing }: Webhook): Promise<Answer> {
  let status: number | undefined;
  try {
    const response = await fetch(url, {
      method: "POST",
      // The platform follows nothing: a redirect would send the winery's data to another address.
      redirect: "manual",
      headers: { "Content-Type": "application/json", Authorization: basicAuth(credentials) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]),
    });
    status = response.status;
    return { status, responseBody: await readStart(response) };
  } catch (error) {
    return { status, error: faultOf(error, timeoutMs), responseBody: "" };
  }
}

function basicAuth({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= answerLimitBytes) {
    const { done, value } = await reader.read();
    if (done) return new TextDecoder().decode(Buffer.concat(chunks));
    chunks.push(value);
    length += value.length;
  }
  await reader.cancel();
  // In stream mode the decoder keeps back a character that the cut went through.
  const start = Buffer.concat(chunks).subarray(0, answerLimitBytes);
  return new TextDecoder().decode(start, { stream: true });
}

function faultOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  if (error.name === "AbortError") return "given up, as the sandbox was closed";
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "connection refused: is the app running? (ECONNREFUSED)";
  return cause.message || code || error.message;
}
