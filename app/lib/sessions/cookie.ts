import { createHmac, timingSafeEqual } from "node:crypto";
import { type SerializeOptions, stringifySetCookie } from "cookie";
import { ConfigurationError } from "../base/errors";
import type { SessionToken } from "./token";

export type SessionCookieOptions = {
  name: string;
  /** At least one, of 32 characters or more; the first signs, all verify. */
  secrets: readonly string[];
  attributes: Pick<SerializeOptions, "sameSite" | "secure" | "partitioned" | "domain" | "path">;
};

/** `<uuid v4>.<secret>.<HMAC-SHA-256>`, the last two in base64url: 124 characters. */
const VALUE =
  /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.([\w-]{43})\.([\w-]{43})$/;

/** A browser may send several cookies of one name (other paths, partitioned or not); more than these is an attack. */
const MOST_CANDIDATES = 4;

export interface SessionCookie {
  /** The token of the first cookie of this name that we signed; undefined for anything else, however malformed. */
  read(cookieHeader: string | null | undefined): SessionToken | undefined;
  /** A `Set-Cookie` value. `maxAgeSeconds` lets the browser forget in time; the server never relies on it. */
  write(token: SessionToken, maxAgeSeconds: number): string;
  /** A `Set-Cookie` value that removes the cookie. */
  clear(): string;
}

/** The signed cookie that carries a session's token. @throws ConfigurationError for a missing or short secret */
export function createSessionCookie({ name, secrets, attributes }: SessionCookieOptions): SessionCookie {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 32)) {
    throw new ConfigurationError("a session cookie needs one or more secrets of at least 32 characters each");
  }
  // The name is signed too, so that a value of another cookie under the same secret is worth nothing here.
  const sign = (payload: string, secret: string) =>
    createHmac("sha256", secret).update(`${name}=${payload}`).digest("base64url");
  const [signingSecret] = secrets as [string];

  const verify = (value: string): SessionToken | undefined => {
    const [, id, secret, mac] = VALUE.exec(value) ?? [];
    if (id === undefined || secret === undefined || mac === undefined) return undefined;
    // As text: the last character of base64url has bits to spare, and only one spelling is ours.
    const presented = Buffer.from(mac);
    const signed = secrets.some((key) =>
      timingSafeEqual(Buffer.from(sign(`${id}.${secret}`, key)), presented),
    );
    return signed ? { id, secret } : undefined;
  };
  const serialize = (value: string, maxAge: number) =>
    stringifySetCookie({ name, value, maxAge, path: "/", httpOnly: true, ...attributes });

  return {
    read(cookieHeader) {
      for (const value of cookieValues(cookieHeader ?? "", name)) {
        const token = verify(value);
        if (token) return token;
      }
      return undefined;
    },
    write: ({ id, secret }, maxAgeSeconds) =>
      serialize(`${id}.${secret}.${sign(`${id}.${secret}`, signingSecret)}`, maxAgeSeconds),
    clear: () => serialize("", 0),
  };
}

/** Values of the cookies with this name, in the order they came (RFC 6265, 5.4). */
function cookieValues(header: string, name: string): string[] {
  const values: string[] = [];
  for (let start = 0; start < header.length && values.length < MOST_CANDIDATES; ) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    const pair = header.slice(start, end).trim();
    if (pair.startsWith(name) && pair[name.length] === "=") values.push(pair.slice(name.length + 1));
    start = end + 1;
  }
  return values;
}
