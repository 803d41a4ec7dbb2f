import { isIP } from "node:net";

/**
 * The address without a closing slash, so that a path can follow. Throws where it is not an http(s) address,
 * or carries a user, a query or a fragment.
 */
export function readAppUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const web = url?.protocol === "http:" || url?.protocol === "https:";
  if (!url || !web || url.username || url.password || url.search || url.hash) {
    throw new Error(`The sandbox needs the app's address, such as http://localhost:3000, and got "${text}".`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** The host, where it is this machine's own. Throws for any other: anyone who can reach it may sign in. */
export function loopbackHost(host: string): string {
  const loopback = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  if (!loopback) throw new Error(`The sandbox listens on loopback alone (127.0.0.1, ::1), not on "${host}".`);
  return host;
}

/** The host as it is written in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
