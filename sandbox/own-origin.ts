import type { RequestHandler } from "express";

/**
 * Refuses unsafe requests that a page of another origin makes, with 403. A request without an `Origin` header
 * passes: browsers always send one with a POST, so it comes from a program.
 */
export const requireOwnOrigin: RequestHandler = (request, response, next) => {
  const safe = request.method === "GET" || request.method === "HEAD";
  const origin = request.get("origin");
  if (safe || origin === undefined || isOwn(origin, request.get("host"), request.get("sec-fetch-site"))) {
    next();
    return;
  }
  response.status(403).type("text").send("Refused: this request comes from another origin than the sandbox.");
};

/**
 * Refuses requests for another host with 403. Any site can make its own name lead to a loopback address (DNS rebinding), and the
 * sandbox's pages hold tokens of every winery.
 * @param others names that are served beside this machine's own
 */
export function requireLoopbackHost(others: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const host =
      request
        .get("host")
        ?.replace(/:\d{1,5}$/, "")
        .toLowerCase() ?? "";
    if (LOOPBACK_HOST.test(host) || others.includes(host)) return next();
    response.status(403).type("text").send("Refused: the sandbox answers as localhost alone.");
  };
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function isOwn(origin: string, host: string | undefined, site: string | undefined): boolean {
  // Under `Referrer-Policy: no-referrer` a form of our own page posts `Origin: null`; the browser still tells
  // the truth in a header that no page can set.
  if (origin === "null") return site === "same-origin";
  return origin === `http://${host}`;
}
