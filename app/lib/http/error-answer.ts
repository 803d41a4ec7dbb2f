import type { ErrorRequestHandler } from "express";
import type { Logger } from "../base/logger";

/** The last resort, below every page: a plain sentence, never a stack trace. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const status = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) logger.error({ err: error }, "request failed");
    if (res.headersSent) return next(error);
    const sentence =
      status === 500 ? "Something went wrong on our side." : "This request cannot be understood.";
    res.status(status).type("text").send(`${sentence}\n`);
  };
}
