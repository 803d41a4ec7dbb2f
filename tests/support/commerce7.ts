import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** The pair that was typed in the developer centre. */
export const WEBHOOK_USER = { username: "libero", password: "wine: red, 7 barrels" };

/** The Authorization header of these credentials, as Commerce7 sends it. */
export function basicAuth({ username, password } = WEBHOOK_USER): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** A webhook as Commerce7 sends it; a header that is null is left out, a body that is no string is sent as JSON. */
export function webhook(
  path: "/install" | "/uninstall",
  body: unknown,
  headers: Record<string, string | null> = {},
): Request {
  const all = { authorization: basicAuth(), "content-type": "application/json", ...headers };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  return new Request(`http://localhost:3000${path}`, {
    method: "POST",
    headers: sent,
    body: typeof body === "string" || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
  });
}

/** The documented body of an install. */
export function installBody(tenantId: string, changes: Record<string, unknown> = {}) {
  const user = {
    id: "12211212-2706-4e36-bcf5-57a9248edcdf",
    firstName: "Jason",
    lastName: "Andres",
    email: "jason@example.com",
  };
  return { tenantId, user, ...changes };
}

export type RawServer = { url: string; requests: IncomingMessage[] };

/** An HTTP server in Commerce7's place that answers as the test says. Closed when the test is over. */
export async function startRawServer(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<RawServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
