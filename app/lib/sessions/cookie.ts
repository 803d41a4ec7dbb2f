import { type SerializeOptions, stringifySetCookie } from "cookie";
import { ConfigurationError } from "../base/errors";
import { encryptingSeal, signingSeal } from "./cookie-seal";
import type { SessionToken } from "./token";

export type CookieAttributes = Pick<
  SerializeOptions,
  "sameSite" | "secure" | "partitioned" | "domain" | "path"
>;

export type SessionCookieOptions = {
  name: string;
  /** At least one, of 32 characters or more; the first signs, all verify. */
  secrets: readonly string[];
  /** Encrypts the value as well; likewise. Values that were only signed are still read. */
  encryptionSecrets?: readonly string[];
  attributes: CookieAttributes;
};

/** `<uuid v4>.<secret in base64url>`. */
const CONTENT = /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.([\w-]{43})$/;

/** What every browser keeps (RFC 6265, 6.1): name, value and attributes. */
export const MOST_COOKIE_BYTES = 4_096;

export type CookieHeader = string | null | undefined;

export interface SessionCookie {
  /**
   * Distinct values of all cookies of this name, in the order they came, forged ones too. A browser sends several after a
   * change of path, domain or `Partitioned`, or where a sibling host set one (RFC 6265, 5.4).
   */
  values(cookieHeader: CookieHeader): string[];
  /** The token in a value that we made; undefined for anything else, however malformed. */
  open(value: string): SessionToken | undefined;
  /** What the first cookie of this name holds, whoever made it, where cookies are parted as browsers part them (RFC 6265, 4.2.1). */
  firstValue(cookieHeader: string): string | undefined;
  /** A `Set-Cookie` value. `maxAgeSeconds` lets the browser forget in time; the server never relies on it. */
  write(token: SessionToken, maxAgeSeconds: number): string;
  /** A `Set-Cookie` value that removes the cookie. */
  clear(): string;
}

/**
 * The cookie that carries a session's token, signed or encrypted.
 * @throws ConfigurationError for a missing or short secret, or attributes that browsers refuse
 */
export function createSessionCookie(options: SessionCookieOptions): SessionCookie {
  const { name, secrets, encryptionSecrets = [], attributes } = options;
  checkCookieSecrets(secrets, "signing");
  if (encryptionSecrets.length > 0) checkCookieSecrets(encryptionSecrets, "encryption");
  const { sameSite = "lax", path = "/" } = attributes;
  checkCookieAttributes(name, { ...attributes, sameSite, path });
  const signing = signingSeal(name, secrets);
  const encrypting = encryptionSecrets.length > 0 ? encryptingSeal(name, encryptionSecrets) : undefined;

  const serialize = (value: string, maxAge: number) =>
    stringifySetCookie({ ...attributes, name, value, maxAge, path, sameSite, httpOnly: true });
  const tooLong = Buffer.byteLength(serialize("x".repeat(256), 0)) > MOST_COOKIE_BYTES;
  if (tooLong)
    throw new ConfigurationError(
      `a cookie has at most ${MOST_COOKIE_BYTES} bytes: shorten its name, path or domain`,
    );

  return {
    values: (cookieHeader) => cookieValues(cookieHeader ?? "", name),
    open(value) {
      const [, id, secret] = CONTENT.exec(encrypting?.open(value) ?? signing.open(value) ?? "") ?? [];
      return id !== undefined && secret !== undefined ? { id, secret } : undefined;
    },
    firstValue: firstValueOf(name),
    write: ({ id, secret }, maxAgeSeconds) =>
      serialize((encrypting ?? signing).seal(`${id}.${secret}`), maxAgeSeconds),
    clear: () => serialize("", 0),
  };
}

/** What browsers would refuse, most of them in silence (RFC 6265bis, 5.7). @throws ConfigurationError */
export function checkCookieAttributes(
  name: string,
  { sameSite, secure, partitioned, domain, path }: CookieAttributes,
) {
  if ((sameSite === "none" || partitioned) && !secure) {
    throw new ConfigurationError(
      "browsers refuse a SameSite=None or Partitioned cookie that is not Secure: serve over https",
    );
  }
  if (/^__(Host|Secure)-/.test(name) && !secure) {
    throw new ConfigurationError(
      `browsers take a cookie named ${name} only if it is Secure: serve over https`,
    );
  }
  if (name.startsWith("__Host-") && (domain !== undefined || path !== "/")) {
    throw new ConfigurationError(
      `browsers take a cookie named ${name} only without a domain, and with the path /`,
    );
  }
}

/** @throws ConfigurationError where there is none, or a short one */
export function checkCookieSecrets(secrets: readonly string[], what: string) {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 32)) {
    throw new ConfigurationError(
      `a session cookie needs one or more ${what} secrets of at least 32 characters each`,
    );
  }
}

function firstValueOf(name: string): (header: string) => string | undefined {
  const [first, later] = [`${name}=`, `; ${name}=`];
  return (header) => {
    const at = header.startsWith(first) ? first.length - later.length : header.indexOf(later);
    if (at === -1) return undefined;
    const start = at + later.length;
    const end = header.indexOf(";", start);
    return end === -1 ? header.slice(start) : header.slice(start, end);
  };
}

function cookieValues(header: string, name: string): string[] {
  const values: string[] = [];
  for (let start = 0; start < header.length; ) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    const [from, to] = withoutWhiteSpace(header, start, end);
    if (header.startsWith(name, from) && header[from + name.length] === "=") {
      values.push(header.slice(from + name.length + 1, to));
    }
    start = end + 1;
  }
  return values.length > 1 ? [...new Set(values)] : values;
}

/** Only SP and HTAB are white space here (RFC 6265, 5.2): `trim` would take U+00A0 off as well, and so forge a `__Host-` name. */
function withoutWhiteSpace(header: string, start: number, end: number): [from: number, to: number] {
  let [from, to] = [start, end];
  while (from < to && isWhiteSpace(header, from)) from += 1;
  while (from < to && isWhiteSpace(header, to - 1)) to -= 1;
  return [from, to];
}

const isWhiteSpace = (header: string, at: number) => header[at] === " " || header[at] === "\t";
