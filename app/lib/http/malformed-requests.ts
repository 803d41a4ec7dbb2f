import type { Request, RequestHandler } from "express";

/** Methods that the Fetch standard forbids (2.2.1): no `Request` can be made with them. */
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Refuses what the framework cannot cope with, and would answer with 500 or an error in the log: methods that no
 * `Request` can have (405), and a Host, forwarded headers and a target that make no address together (400).
 */
export const refuseMalformedRequests: RequestHandler = (req, res, next) => {
  if (FORBIDDEN.has(req.method)) {
    return void res
      .status(405)
      .set("Allow", "GET, HEAD, POST")
      .type("text")
      .send("Refused: unknown method.\n");
  }
  const url = addressOf(req);
  // Data was asked for by `_data` before pages asked by `.data`: no page of ours does.
  if (!url || url.searchParams.has("_data")) {
    return void res.status(400).type("text").send("Refused: this address cannot be understood.\n");
  }
  next();
};

/** A name or an address; with anything else, a user and password among it, no `Request` can be made. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])$/i;

/**
 * As @remix-run/express puts it together, which reads a port from X-Forwarded-Host whether proxies are trusted or not.
 */
function addressOf({ protocol, hostname, originalUrl, headers }: Request): URL | undefined {
  const ports = [headers["x-forwarded-host"], headers.host].map((host) =>
    Number.parseInt(String(host).split(":")[1] ?? "", 10),
  );
  const port = ports.find(Number.isSafeInteger);
  const address = `${protocol}://${hostname}${port ? `:${port}` : ""}${originalUrl}`;
  const understood = /^https?$/.test(protocol) && HOST.test(hostname) && originalUrl.startsWith("/");
  return understood && URL.canParse(address) ? new URL(address) : undefined;
}
