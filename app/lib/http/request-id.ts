import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import { runWithRequestId } from "../base/request-context";

/** As proxies and tracing systems make them. */
const USABLE = /^[\w.:-]{8,128}$/;

/**
 * Gives each request an id, which stands in the header X-Request-Id of its answer, in its log lines, and on its error page.
 * Keeps the id of a trusted proxy.
 */
export function requestId(trustProxy: unknown): RequestHandler {
  return (req, res, next) => {
    const given = trustProxy ? req.get("x-request-id") : undefined;
    const id = given && USABLE.test(given) ? given : randomBytes(6).toString("hex").toUpperCase();
    res.setHeader("X-Request-Id", id);
    runWithRequestId(id, next);
  };
}
