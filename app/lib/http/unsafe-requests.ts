import type { Request, RequestHandler } from "express";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const MOST_FORM_BYTES = 64 * 1024;

type UnsafeRequestOptions = {
  /** The app's own origin, as browsers see it. */
  origin: string;
  /** Paths of server-to-server calls: they carry no cookie, so nobody's rights can be borrowed, and check their own body. */
  exempt: string[];
  /** Called for each request that did not come from a page of ours. */
  onRefusal?: (req: Request) => void;
};

/**
 * Refuses requests that would change something on behalf of another site (403), and forms that no page of ours sends
 * (411, 413). The session's cookie is `SameSite=None`, and other apps share its partition: this check is what stands
 * in their way (OWASP CSRF Prevention Cheat Sheet: Fetch Metadata, with Origin for older browsers).
 */
export function guardUnsafeRequests({ origin, exempt, onRefusal }: UnsafeRequestOptions): RequestHandler {
  return (req, res, next) => {
    const pass = () => {
      // It was judged here. Remix would compare it with the Host, which proxies may rewrite, and answer 500.
      delete req.headers.origin;
      next();
    };
    if (SAFE.has(req.method) || exempt.includes(req.path)) return pass();
    if (!isFromOurPages(req, origin)) {
      onRefusal?.(req);
      return void res
        .status(403)
        .type("text")
        .send("Refused: this request did not come from one of Libero's pages.\n");
    }
    if (req.headers["transfer-encoding"]) {
      return void res.status(411).type("text").send("Refused: say how long the form is (Content-Length).\n");
    }
    if (Number(req.headers["content-length"]) > MOST_FORM_BYTES) {
      return void res
        .status(413)
        .type("text")
        .send(`Refused: a form has at most ${MOST_FORM_BYTES} bytes.\n`);
    }
    pass();
  };
}

function isFromOurPages(req: Request, origin: string): boolean {
  const site = req.get("sec-fetch-site");
  return site === undefined ? req.get("origin") === origin : site === "same-origin";
}
