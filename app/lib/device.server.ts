import Bowser from "bowser";
import type { SessionSummary } from "./sessions/session";

/** What to call a browser in a list or a mail, from its User-Agent, which holds whatever its sender wrote. */

const BROWSERS = new Set(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS = new Set(Object.values(Bowser.OS_MAP));

/**
 * Like "Firefox on Windows"; null where it does not say, or says what is no browser's name: the text of a stranger comes into no
 * mail and no page. Never trusted for anything but showing it.
 */
export function deviceOf(request: Request): string | null {
  const userAgent = request.headers.get("user-agent")?.slice(0, 512);
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  return nameOf(browser.name, os.name);
}

/** A session as it is shown: what versions before this one stored as its device may be a stranger's text. */
export function withKnownDevice(session: SessionSummary): SessionSummary {
  const [browser, system] = session.device?.split(" on ", 2) ?? [];
  return {
    ...session,
    device: BROWSERS.has(browser ?? "") ? nameOf(browser, system) : nameOf(undefined, browser),
  };
}

function nameOf(browser: string | undefined, system: string | undefined): string | null {
  const known = [
    browser !== undefined && BROWSERS.has(browser) && browser,
    system !== undefined && SYSTEMS.has(system) && system,
  ].filter(Boolean);
  return known.length > 0 ? known.join(" on ") : null;
}
