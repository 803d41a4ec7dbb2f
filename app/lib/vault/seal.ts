import { createHash, hkdfSync } from "node:crypto";
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from "jose";
import { ConfigurationError } from "../base/errors";

/** What was sealed was changed, or belongs somewhere else. */
export class SealBrokenError extends Error {
  override name = "SealBrokenError";
}

/** Where a sealed value belongs, like `["shopify access token", shop]`; it opens nowhere else. */
export type SealContext = readonly [purpose: string, ...owner: string[]];

export interface TokenSeal {
  /** Names the key that seals. */
  readonly keyId: string;

  /** @returns a text that only a holder of the keys can read, and that opens in this context alone */
  seal(value: string, context: SealContext): Promise<string>;

  /**
   * @throws SealBrokenError for what was changed, or sealed for another context
   * @throws ConfigurationError for what was sealed with a key that is not among these
   */
  open(sealed: string, context: SealContext): Promise<string>;

  /** The id of the key that sealed it. @throws SealBrokenError for what is no sealed value */
  keyIdOf(sealed: string): string;
}

/**
 * Seals tokens at rest: JWE in its compact form (RFC 7516), AES-256-GCM with a fresh nonce, under a key that is derived
 * from the secret for each context (HKDF, RFC 5869), and named by the header's `kid`.
 * @param secrets of at least 32 characters each; the first seals, all open
 * @throws ConfigurationError where there is none, or a short one
 */
export function createTokenSeal(secrets: readonly string[]): TokenSeal {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 32)) {
    throw new ConfigurationError(
      "tokens are kept sealed only: set TOKEN_ENCRYPTION_KEYS to one or more secrets of at least 32 characters each",
    );
  }
  const byId = new Map(secrets.map((secret) => [idOf(secret), secret]));
  const [first] = secrets as [string];
  const keyId = idOf(first);

  return {
    keyId,
    seal: (value, context) =>
      new CompactEncrypt(Buffer.from(value))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: keyId })
        .encrypt(keyFor(first, context)),
    async open(sealed, context) {
      const id = keyIdOf(sealed);
      const secret = byId.get(id);
      if (secret === undefined) {
        throw new ConfigurationError(
          `a token was sealed with a key that is not in TOKEN_ENCRYPTION_KEYS (its id is ${id}): put it back, behind the first`,
        );
      }
      try {
        const opened = await compactDecrypt(sealed, keyFor(secret, context), {
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return Buffer.from(opened.plaintext).toString();
      } catch {
        throw broken(context[0]);
      }
    },
    keyIdOf,
  };
}

function keyIdOf(sealed: string): string {
  try {
    const { kid } = decodeProtectedHeader(sealed);
    if (kid) return kid;
  } catch {
    // Said below.
  }
  throw broken("token");
}

/** Tells keys apart, and nothing about them. */
const idOf = (secret: string) =>
  createHash("sha256").update(`libero token key ${secret}`).digest("base64url").slice(0, 8);

const keyFor = (secret: string, context: SealContext) =>
  new Uint8Array(hkdfSync("sha256", secret, "", JSON.stringify(["libero token", ...context]), 32));

const broken = (purpose: string) =>
  new SealBrokenError(`a sealed ${purpose} does not open: it was changed, or belongs to somebody else`);
