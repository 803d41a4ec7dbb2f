import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** Makes a cookie's content unforgeable, and opens only what it made. */
export interface CookieSeal {
  seal(content: string): string;
  /** The content; undefined for anything else, however malformed. */
  open(sealed: string): string | undefined;
}

/** `<content>.<HMAC-SHA-256, base64url>`. Readable, not changeable. The first key signs, all verify. */
export function signingSeal(name: string, secrets: readonly string[]): CookieSeal {
  // The name is signed too, so that a value of another cookie under the same secret is worth nothing here.
  const sign = (content: string, secret: string) =>
    createHmac("sha256", secret).update(`${name}=${content}`).digest("base64url");
  return {
    seal: (content) => `${content}.${sign(content, secrets[0] as string)}`,
    open(sealed) {
      const dot = sealed.lastIndexOf(".");
      const content = sealed.slice(0, dot);
      // As text: the last character of base64url has bits to spare, and only one spelling is ours.
      const presented = Buffer.from(sealed.slice(dot + 1));
      const signed = secrets.some((secret) => {
        const expected = Buffer.from(sign(content, secret));
        return expected.length === presented.length && timingSafeEqual(expected, presented);
      });
      return dot > 0 && signed ? content : undefined;
    },
  };
}

const ENCRYPTED = /^e1\.([\w-]{38,2000})$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `e1.<nonce, ciphertext and tag, base64url>`: AES-256-GCM (NIST SP 800-38D) under keys derived from the secrets
 * (HKDF, RFC 5869), bound to the cookie's name. Neither readable nor changeable. The first key seals, all open.
 */
export function encryptingSeal(name: string, secrets: readonly string[]): CookieSeal {
  const keys = secrets.map((secret) =>
    Buffer.from(hkdfSync("sha256", secret, "", `libero cookie ${name}`, 32)),
  );
  return {
    seal(content) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keys[0] as Buffer, nonce).setAAD(Buffer.from(name));
      const sealed = Buffer.concat([
        nonce,
        cipher.update(content, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `e1.${sealed.toString("base64url")}`;
    },
    open(sealed) {
      const encoded = ENCRYPTED.exec(sealed)?.[1];
      const bytes = Buffer.from(encoded ?? "", "base64url");
      // One spelling only: base64url has bits to spare in its last character.
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString("base64url") !== encoded) return undefined;
      return firstDefined(keys, (key) => decrypt(bytes, key, name));
    },
  };
}

function decrypt(bytes: Buffer, key: Buffer, name: string): string | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString();
  } catch {
    return undefined;
  }
}

function firstDefined<T, R>(values: readonly T[], find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
