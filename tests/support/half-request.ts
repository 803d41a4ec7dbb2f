import { connect, type Socket } from "node:net";
import { expect } from "vitest";

type Target = { url: string };

/** A request up to its last header, on a connection of its own: an empty line makes it whole. */
export function halfOf(app: Target, path: string, headers = "Accept: */*", method = "GET"): Socket {
  const socket = connect(Number(new URL(app.url).port), "localhost").on("error", () => {});
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\n${headers}\r\n`);
  return socket;
}

/** Waits until a server takes no more connections. */
export async function untilRefused({ url }: Target): Promise<void> {
  const probe = () => fetch(`${url}/healthz`).catch(() => "refused");
  await expect.poll(probe, { timeout: 5_000 }).toBe("refused");
}
