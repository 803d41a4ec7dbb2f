import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import { runWithRequestId } from "../base/request-context";

/** As proxies and tracing systems make them. */
const USABLE = /^[\w.:-]{8,128}$/;

/**
 * Gives each request an id: in the header X-Request-Id of its answer, in every line that is logged for it, and on an error page. A
 * proxy that is trusted may have given one already.
 */
export function requestId(trustProxy: unknown): RequestHandler {
  return (req, res, next) => {
    const given = trustProxy ? req.get("x-request-id") : undefined;
    const id = given && USABLE.test(given) ? given : randomBytes(6).toString("hex").toUpperCase();
    res.setHeader("X-Request-Id", id);
    runWithRequestId(id, next);
  };
}
