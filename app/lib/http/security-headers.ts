import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import helmet from "helmet";

type SecurityHeaderOptions = {
  /** Who may frame the app. */
  frameAncestors: string[];
  /** Host of the platform's script that sizes the frame. */
  scriptUrl: string;
  https: boolean;
  /** The development server injects styles and talks over a WebSocket. */
  develop: boolean;
};

/**
 * The security headers of every answer. Puts a fresh nonce for inline scripts in `res.locals.nonce`.
 * There is no X-Frame-Options: it cannot name several origins, and `frame-ancestors` says it all.
 */
export function securityHeaders(options: SecurityHeaderOptions): RequestHandler[] {
  const { frameAncestors, scriptUrl, https, develop } = options;
  const nonce: RequestHandler = (_req, res, next) => {
    res.locals.nonce = randomBytes(16).toString("base64url");
    next();
  };
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: [
          "'self'",
          new URL(scriptUrl).origin,
          (_req, res) => `'nonce-${(res as unknown as { locals: { nonce: string } }).locals.nonce}'`,
        ],
        styleSrc: develop ? ["'self'", "'unsafe-inline'"] : ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: develop ? ["'self'", "ws:"] : ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors,
      },
    },
    strictTransportSecurity: https ? { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false } : false,
    // Pages choose their own, for the one that saw a token says nothing at all.
    referrerPolicy: false,
    xFrameOptions: false,
  });
  return [nonce, headers];
}
