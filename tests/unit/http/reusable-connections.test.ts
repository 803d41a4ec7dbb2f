import { Agent, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createReadableStreamFromReadable } from "@remix-run/node";
import express, { type RequestHandler } from "express";
import { expect, it, onTestFinished } from "vitest";
import { keepConnectionsReusable } from "../../../app/lib/http/reusable-connections";

/** Sends requests to a server with this handler, over one connection for as long as both ends keep it. */
async function serving(handler: RequestHandler) {
  const app = express();
  app.use(keepConnectionsReusable, handler);
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
    server.close().closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return (body: string, headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const options = { port, host: "127.0.0.1", method: "POST", headers, agent };
      const sent = request(options, (res) => res.resume().on("end", () => resolve(res)));
      sent.on("error", reject).end(body);
    });
}

it("a connection goes on after a body that was refused unread", { timeout: 3_000 }, async () => {
  const post = await serving((req, res) => {
    // As the framework does for every request with a body: it begins to read, and pauses.
    createReadableStreamFromReadable(req);
    setTimeout(() => res.status(413).send("too large"), 20);
  });
  expect((await post("x".repeat(4_000_000))).statusCode).toBe(413);
  const second = await post("x");
  expect([second.statusCode, second.headers.connection]).toEqual([413, "keep-alive"]);
});

it("a connection ends with the answer to an offer of another protocol", { timeout: 3_000 }, async () => {
  const post = await serving((_req, res) => void res.send("as before"));
  const first = await post("", { connection: "upgrade", upgrade: "h2c" });
  expect([first.statusCode, first.headers.connection]).toEqual([200, "close"]);
  expect((await post("")).statusCode).toBe(200);
});
