import { request, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

/** Answers for a host: another server's address, or a page. */
type Site = { forwardTo: string } | { page: string };

export type ReverseProxy = { port: number; close: () => Promise<void> };

/**
 * A reverse proxy as one stands before the app in production: ends TLS, picks a server by host name, and tells it
 * who asked for what (`X-Forwarded-*`).
 */
export async function startReverseProxy(sites: Record<string, Site>): Promise<ReverseProxy> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "libero.example.com" }]);
  const server = createServer({ key, cert }, (req, res) => {
    const host = req.headers.host?.split(":")[0] ?? "";
    const site = sites[host];
    if (!site) return void res.writeHead(404).end();
    if ("page" in site) return void res.setHeader("content-type", "text/html").end(site.page);
    const { protocol, hostname, port } = new URL(site.forwardTo);
    const headers = {
      ...req.headers,
      "x-forwarded-for": req.socket.remoteAddress,
      "x-forwarded-host": req.headers.host,
      "x-forwarded-proto": "https",
    };
    const forwarded = request({ protocol, hostname, port, method: req.method, path: req.url, headers });
    forwarded.on("response", (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    forwarded.on("error", () => badGateway(res));
    req.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function badGateway(res: ServerResponse) {
  if (res.headersSent) res.destroy();
  else res.writeHead(502).end();
}
