import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type RequestHandler } from "express";
import { onTestFinished } from "vitest";

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** A real Express app on a free port with these in front, answering "through". Closed when the test is over. */
export async function serve(...handlers: RequestHandler[]) {
  const app = express();
  app.disable("x-powered-by");
  app.use(...handlers);
  app.use((_req, res) => void res.json({ through: true, nonce: res.locals.nonce }));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    send(port, method, path, headers, body);
}

/** Sends exactly these headers, which `fetch` would not. A length without a body is announced and never sent. */
function send(port: number, method: string, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", method, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      request.destroy();
    });
    if (body === undefined && headers["content-length"]) request.flushHeaders();
    else request.end(body);
  });
}
