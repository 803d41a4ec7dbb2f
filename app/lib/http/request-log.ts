import type { Request, RequestHandler, Response } from "express";
import type { Logger as PinoLogger } from "pino";
import { pinoHttp } from "pino-http";
import { loggedPath } from "../base/logger";

/** One line a request: method, path, status, time. The query stays out, for it may hold a token; so do all headers. */
export function requestLog(logger: PinoLogger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: loggedPath(url) }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      err: ({ message, type }: { message: string; type: string }) => ({ type, message }),
    },
    autoLogging: {
      ignore: ({ path }) => path === "/healthz" || path === "/readyz",
    },
    // The line is written when the connection tells that the answer is out, on behalf of no request.
    customSuccessObject: (_req, res, line) => ({ ...line, requestId: res.getHeader("x-request-id") }),
    customErrorObject: (_req, res, _error, line) => ({ ...line, requestId: res.getHeader("x-request-id") }),
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? "error" : "info"),
  });
}
