import type { RequestHandler } from "express";

/** Longer than any address of ours; what matches routes works on every prefix of a path. */
const MAX_PATH_BYTES = 2_048;
const MAX_SEGMENTS = 32;

/** The target in absolute form: the authority replaces the Host header (RFC 9112, 3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * Brings a request's target into one form before any other handler sees it, so that the CSRF check, the log and the router mean
 * the same path. A path of ours that is written in another way (`/Install/`, `/%69nstall`) becomes the one that we write.
 * Refuses more than one Host header (RFC 9112, 3.2) with 400, and paths that are too long or too deep with 414: no work
 * before a sign-in may grow faster than the request.
 * @param paths the routes' paths, like `/install`
 */
export function normalizeTarget(paths: readonly string[]): RequestHandler {
  const ours = new Set(paths);
  return (req, res, next) => {
    const refuse = (status: number, sentence: string) =>
      void res.status(status).type("text").send(`Refused: ${sentence}\n`);
    if (hostHeaders(req.rawHeaders) > 1) return refuse(400, "a request has one Host header.");

    let target = req.url;
    const [, authority, rest = ""] = ABSOLUTE_FORM.exec(target) ?? [];
    if (authority !== undefined) {
      req.headers.host = authority;
      target = rest.startsWith("/") ? rest : `/${rest}`;
    }
    const end = target.search(/[?#]/);
    const path = end === -1 ? target : target.slice(0, end);
    if (path.length > MAX_PATH_BYTES) {
      return refuse(414, `a path has at most ${MAX_PATH_BYTES} bytes.`);
    }
    if (path.split("/").length - 1 > MAX_SEGMENTS) {
      return refuse(414, `a path has at most ${MAX_SEGMENTS} parts.`);
    }
    req.url = `${canonicalPath(path, ours)}${target.slice(path.length)}`;
    // Express and Remix read the address from there.
    req.originalUrl = req.url;

    const proto = req.headers["x-forwarded-proto"];
    if (typeof proto === "string") req.headers["x-forwarded-proto"] = proto.toLowerCase();
    next();
  };
}

/** Raw headers are names and values in turn; Node keeps the first of several, and proxies another one. */
function hostHeaders(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
}

/** The router knows no case and no slash at the end, and decodes what is encoded. */
function canonicalPath(path: string, ours: ReadonlySet<string>): string {
  if (ours.has(path)) return path;
  const decoded = decode(path).toLowerCase();
  let end = decoded.length;
  while (end > 1 && decoded[end - 1] === "/") end -= 1;
  const canonical = decoded.slice(0, end);
  return ours.has(canonical) ? canonical : path;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
