import Bowser from "bowser";

/** DOOR: what to call a browser in a list, from its User-Agent. */

/** Like "Firefox on Windows"; null where it does not say. Never trusted for anything but showing it. */
export function deviceOf(request: Request): string | null {
  const userAgent = request.headers.get("user-agent")?.slice(0, 512);
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const parts = [browser.name, os.name].filter((part) => part !== undefined && part !== "");
  return parts.length > 0 ? parts.join(" on ").slice(0, 80) : null;
}
