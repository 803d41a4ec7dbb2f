import { randomBytes } from "node:crypto";
import type { Request, RequestHandler } from "express";
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

/** Pages use none of these, and neither may a script that gets into one. */
const PERMISSIONS = [
  ...["accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"],
  ...["microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"],
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/**
 * The security headers of every answer. Puts a fresh nonce for inline scripts in `res.locals.nonce`, and in
 * `res.locals.loadsPlatformScript` whether the page may load the platform's script.
 * There is no X-Frame-Options: it cannot name several origins, and `frame-ancestors` says it all.
 */
export function securityHeaders(options: SecurityHeaderOptions): RequestHandler[] {
  const { frameAncestors, scriptUrl, https, develop } = options;
  const locals: RequestHandler = (req, res, next) => {
    res.locals.nonce = randomBytes(16).toString("base64url");
    res.locals.loadsPlatformScript = loadsPlatformScript(req);
    next();
  };
  const permissions: RequestHandler = (_req, res, next) => {
    res.setHeader("Permissions-Policy", PERMISSIONS);
    next();
  };
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: [
          "'self'",
          (_req, res) => {
            const { nonce, loadsPlatformScript } = localsOf(res);
            const platform = loadsPlatformScript ? `${new URL(scriptUrl).origin} ` : "";
            return `${platform}'nonce-${nonce}'`;
          },
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
  return [locals, permissions, headers];
}

type Locals = { nonce: string; loadsPlatformScript: boolean };

/** Helmet knows Node's response alone. */
const localsOf = (res: unknown) => (res as { locals: Locals }).locals;

/** Pages that the admin shows in its frame. */
const FRAMED_PAGES = new Set(["/app", "/devices", "/settings"]);

/**
 * The platform's script sizes the admin's frame: at top level it has nothing to do, and it shall not run where people sign in, on
 * the operator's page, or on a page whose address holds a token. Browsers without Fetch Metadata do not say where a page is.
 */
function loadsPlatformScript({ path, query, headers }: Request): boolean {
  const hasToken = query.account !== undefined || query.token !== undefined;
  return FRAMED_PAGES.has(path) && !hasToken && headers["sec-fetch-dest"] !== "document";
}
