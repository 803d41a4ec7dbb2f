import {
  type Cookie,
  createCookie,
  createCookieSessionStorage,
  type Session,
  type SessionStorage,
} from "@remix-run/node";
import { type SerializeOptions, stringifySetCookie } from "cookie";
import { DAY_SECONDS } from "../base/durations";
import { checkCookieAttributes, checkCookieSecrets, MOST_COOKIE_BYTES } from "../sessions/cookie";
import { CookieTooLargeError } from "./cookie-too-large";
import { sealedCookie } from "./sealed-cookie";

export type CookieSessionStorageOptions = {
  /** `__session` where nothing is said. */
  name?: string;
  /** At least one, of 32 characters or more; the first signs, all verify. */
  secrets: readonly string[];
  /** Encrypts the content as well; likewise. Cookies that were only signed are still read. */
  encryptionSecrets?: readonly string[] | undefined;
  /**
   * `auto`: on for sessions of requests that came over https, off for plain http; behind a proxy the framework has to
   * trust it (Express' "trust proxy"), for the request's address to tell.
   */
  secure?: boolean | "auto";
} & Omit<SerializeOptions, "secure" | "encode" | "stringify">;

export interface CookieSessionStorage extends SessionStorage {
  /** The session of a request. Where `secure` is `auto`, committing or destroying it follows this request's connection. */
  getUserSession(request: Request): Promise<Session>;
}

/**
 * Remix's cookie sessions: all data is in the browser's cookie, signed, in Remix's own format. Set like trigger.dev's, where
 * nothing else is said: `__session`, SameSite=Lax, Path=/, HttpOnly, one year. A cookie that was changed is an empty session.
 *
 * Signed is not encrypted: whoever has the browser reads the data, unless `encryptionSecrets` are given. Nobody can end
 * such a session but its own browser.
 * @throws ConfigurationError for missing or short secrets, and for attributes that browsers refuse
 */
export function createCookieStorage(options: CookieSessionStorageOptions): CookieSessionStorage {
  const { name = "__session", secrets, encryptionSecrets = [], secure = true, ...others } = options;
  const attributes = { ...DEFAULTS, ...others };
  checkCookieSecrets(secrets, "signing");
  if (encryptionSecrets.length > 0) checkCookieSecrets(encryptionSecrets, "encryption");
  // What is only Secure now and then has to be good where it is not.
  checkCookieAttributes(name, { ...attributes, secure: secure === true });

  const plain = createCookie(name, { ...attributes, secrets: [...secrets], secure: secure !== false });
  const cookie =
    encryptionSecrets.length > 0
      ? sealedCookie(plain, encryptionSecrets, (value, given) =>
          stringifySetCookie(name, value, { ...attributes, secure: secure !== false, ...given }),
        )
      : plain;
  return following(createCookieSessionStorage({ cookie: withinLimit(plain, cookie) }), secure);
}

const DEFAULTS = { sameSite: "lax", path: "/", httpOnly: true, maxAge: 365 * DAY_SECONDS } as const;

/** What is said by the caller wins over what the session's request was. */
function following(storage: SessionStorage, secure: boolean | "auto"): CookieSessionStorage {
  const connections = new WeakMap<Session, { secure: boolean }>();
  const along = <Given extends object>(session: Session, given: Given | undefined) =>
    ({ ...connections.get(session), ...given }) as Given;
  return {
    getSession: storage.getSession,
    commitSession: (session, given) => storage.commitSession(session, along(session, given)),
    destroySession: (session, given) => storage.destroySession(session, along(session, given)),
    async getUserSession(request) {
      const session = await storage.getSession(request.headers.get("Cookie"));
      const secured = new URL(request.url).protocol === "https:";
      if (secure === "auto") connections.set(session, { secure: secured });
      return session;
    },
  };
}

/**
 * The cookie, written and read by `codec`. Browsers drop what is too large, most of them in silence: nothing of it is
 * sent.
 */
function withinLimit({ name, isSigned }: Cookie, codec: Pick<Cookie, "parse" | "serialize">): Cookie {
  return {
    name,
    isSigned,
    parse: codec.parse,
    async serialize(value, given) {
      const setCookie = await codec.serialize(value, given);
      const bytes = Buffer.byteLength(setCookie);
      if (bytes > MOST_COOKIE_BYTES) throw new CookieTooLargeError(name, bytes, value);
      return setCookie;
    },
  };
}
