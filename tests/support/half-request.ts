import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "vitest";

type Target = { url: string };

/**
 * A request up to its last header, on a connection of its own: an empty line makes it whole.
 * @returns once the server has read it
 */
export async function halfOf(
  app: Target,
  path: string,
  headers = "Accept: */*",
  method = "GET",
): Promise<Socket> {
  const socket = connect(Number(new URL(app.url).port), "localhost");
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\n${headers}\r\n`);
  // A request that was sent later is read later.
  await fetch(`${app.url}/healthz`);
  return socket;
}

/** Waits until a server takes no more connections. */
export async function untilRefused({ url }: Target): Promise<void> {
  const probe = () => fetch(`${url}/healthz`).catch(() => "refused");
  await expect.poll(probe, { timeout: 5_000 }).toBe("refused");
}
