import type { RequestHandler } from "express";

/**
 * Sees to it that the next request on a connection is heard. It would not be after a body that was answered without
 * reading it to its end, as a refusal is, and a stop would wait for the connection; nor after an offer to change the
 * protocol, which Node's parser takes for the end of HTTP, whether anybody accepts it or not.
 */
export const keepConnectionsReusable: RequestHandler = (req, res, next) => {
  if (req.headers.upgrade !== undefined) res.setHeader("Connection", "close");
  res.once("finish", () => {
    // Whoever began to read has paused it, and nobody else listens any more.
    if (!req.complete) req.removeAllListeners("data").resume();
  });
  next();
};
