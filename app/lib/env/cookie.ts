import { isIP } from "node:net";
import { getPublicSuffix } from "tldts";
import type { SettingProblem } from "./problems";
import type { Variables } from "./variables";

/** Browsers take `Secure` cookies from https and from localhost. */
export function takesSecureCookies({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || isLocalhost(hostname);
}

export const isLocalhost = (hostname: string) => hostname === "localhost" || hostname.endsWith(".localhost");

export const isLoopbackAddress = (hostname: string) => /^127(\.\d+){3}$|^\[::1\]$/.test(hostname);

/**
 * Reports settings with which every browser refuses the session cookie (RFC 6265bis, 5.7), so that no user could sign in.
 * @param appUrl undefined where it is itself at fault
 */
export function checkCookie(
  value: Partial<Variables>,
  appUrl: URL | undefined,
  report: (variable: keyof Variables, message: string) => void,
): void {
  const {
    SESSION_COOKIE_NAME: name = "",
    SESSION_COOKIE_DOMAIN: domain,
    SESSION_COOKIE_PATH: path = "/",
    COOKIE_SESSION_NAME: cookieSessionName = "",
  } = value;
  if (cookieSessionName === name && name !== "") {
    report("COOKIE_SESSION_NAME", "is SESSION_COOKIE_NAME as well; give each cookie a name of its own");
  }
  if (/^__Host-/i.test(name) && (domain !== undefined || path !== "/")) {
    report(
      "SESSION_COOKIE_NAME",
      "begins with __Host-, which browsers accept only without SESSION_COOKIE_DOMAIN and with SESSION_COOKIE_PATH=/",
    );
  }
  if (!appUrl) return;
  if (!takesSecureCookies(appUrl)) checkInsecureCookie(value, report);
  if (domain !== undefined) {
    const problem = domainProblem(domain.toLowerCase(), appUrl.hostname);
    if (problem) report("SESSION_COOKIE_DOMAIN", problem);
  }
}

function checkInsecureCookie(
  {
    SESSION_COOKIE_NAME: name = "",
    COOKIE_SESSION_NAME: cookieSessionName = "",
    SESSION_COOKIE_SAME_SITE: sameSite,
  }: Partial<Variables>,
  report: (variable: keyof Variables, message: string) => void,
): void {
  if (sameSite === "none") {
    report(
      "SESSION_COOKIE_SAME_SITE",
      "may be none only where APP_URL is https, since browsers want it Secure",
    );
  }
  for (const [variable, value] of [
    ["SESSION_COOKIE_NAME", name],
    ["COOKIE_SESSION_NAME", cookieSessionName],
  ] as const) {
    if (!/^__(Host|Secure)-/i.test(value)) continue;
    report(variable, "begins with __Host- or __Secure-, which browsers accept only where APP_URL is https");
  }
}

/** RFC 6265bis, 5.1.3 and 5.7: a cookie's domain is the host or a parent of it, and no public suffix. */
function domainProblem(domain: string, host: string): string | undefined {
  if (domain === host) return undefined;
  if (isIP(host.replace(/^\[|\]$/g, "")) || !host.endsWith(`.${domain}`)) {
    return `must be the host of APP_URL (${host}) or a parent domain of it, or browsers refuse the cookie; best leave it out`;
  }
  if (getPublicSuffix(domain, { allowPrivateDomains: true }) !== domain) return undefined;
  return `is ${domain}, a suffix shared with other sites, for which browsers refuse cookies; leave it out`;
}

/** Settings with which the session cookie does not reach the pages in the frame of Commerce7's admin. */
export function cookieProblems(value: Variables, appUrl: URL): SettingProblem[] {
  const { SESSION_COOKIE_SAME_SITE: sameSite, SESSION_COOKIE_PATH: path } = value;
  const problems: string[] = [];
  if (sameSite === "lax" || sameSite === "strict") {
    problems.push(
      `SESSION_COOKIE_SAME_SITE is ${sameSite}: browsers do not send the session cookie in the frame of Commerce7's ` +
        "admin; set it to auto, unless users open Libero outside the admin only",
    );
  } else if (!takesSecureCookies(appUrl) && !isSandboxed(value, appUrl)) {
    problems.push(
      `APP_URL is ${appUrl.origin}: without https browsers do not send the session cookie in the frame of ` +
        "Commerce7's admin; serve Libero over https, and set APP_URL to that address",
    );
  }
  if (path !== "/") {
    problems.push(
      `SESSION_COOKIE_PATH is ${path}: browsers do not send the session cookie to all of Libero's pages ` +
        "(/app, /devices, /settings, /logout); set it to /",
    );
  }
  return problems.map((problem) => ({ problem, preventsSignIn: true }));
}

/** The development sandbox listens on loopback as well, which makes both one site. */
const isSandboxed = ({ NODE_ENV }: Variables, { hostname }: URL) =>
  NODE_ENV !== "production" && isLoopbackAddress(hostname);
