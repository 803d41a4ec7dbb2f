import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { createHttpServer } from "../../../app/lib/http/http-server";

const LIMIT_MS = 600;

/** What a client gets that sends this, and then a byte now and then for as long as the connection is open. */
async function trickle(start: string) {
  const server = createHttpServer({ requestTimeoutMs: LIMIT_MS });
  server.on("request", (req, res) => req.on("end", () => res.end("done")).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => undefined);
  const startedMs = performance.now();
  socket.write(start);
  const drip = setInterval(() => socket.write("x"), 50);
  const answer = await text(socket).catch(() => "");
  clearInterval(drip);
  return { answer, tookMs: performance.now() - startedMs };
}

it("a client that trickles its body is cut off at the limit, however long it goes on", async () => {
  const { answer, tookMs } = await trickle("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(tookMs).toBeGreaterThan(LIMIT_MS - 50);
  expect(tookMs).toBeLessThan(5 * LIMIT_MS);
});

it("and one that trickles its headers sooner", async () => {
  const { answer, tookMs } = await trickle("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(tookMs).toBeLessThan(5 * LIMIT_MS);
});
