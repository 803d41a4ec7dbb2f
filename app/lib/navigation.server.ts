import type { AppLoadContext } from "@remix-run/node";

/** How a person's browser came to an address: in a frame, at top level, or unknown to a browser without Fetch Metadata. */
export type Navigation = "frame" | "top-level" | "unknown";

/**
 * How a request navigates, by Fetch Metadata where the browser sends it; undefined for any other request: HEAD, a prefetch, a
 * script's request for data, an image's. Such a request signs no one in and uses up no link. A browser whose prefetch was
 * refused asks once more when its user comes.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function navigationOf(
  { method, headers }: Request,
  { isDataRequest }: AppLoadContext,
): Navigation | undefined {
  if (method !== "GET" || isDataRequest || isAhead(headers)) return undefined;
  const destination = headers.get("sec-fetch-dest");
  const mode = headers.get("sec-fetch-mode");
  // Browsers send both; a mode alone is Node's, or another program's.
  if (destination === null) return "unknown";
  if (mode !== null && mode !== "navigate") return undefined;
  if (destination === "document") return "top-level";
  return destination === "iframe" || destination === "frame" ? "frame" : undefined;
}

/** `Sec-Purpose` is the standard's, `Purpose` Chromium's and Safari's before it, `X-Moz` Firefox's. */
function isAhead(headers: Headers): boolean {
  return ["sec-purpose", "purpose", "x-purpose", "x-moz"].some((name) =>
    /prefetch|prerender|preview/i.test(headers.get(name) ?? ""),
  );
}
