import type { RequestHandler } from "express";
import type { Logger } from "../base/logger";

/**
 * Says once where a proxy seems to stand in front and none is trusted: everybody then has the proxy's address, and one
 * rate limit for all.
 * @param trustProxy Express' "trust proxy" setting
 */
export function noticeUntrustedProxy(trustProxy: unknown, logger: Pick<Logger, "warn">): RequestHandler {
  let told = Boolean(trustProxy);
  return (req, _res, next) => {
    if (!told && req.headers["x-forwarded-for"] !== undefined) {
      told = true;
      const text =
        "a request came with X-Forwarded-For, which is not believed: behind a proxy, set TRUST_PROXY";
      logger.warn(`${text}, or all visitors share one rate limit`);
    }
    next();
  };
}
