import type { Clock } from "../base/clock";
import { MINUTE_MS } from "../base/durations";
import { hashSecret, newSecret, newToken } from "../sessions/token";
import { createTokenSeal } from "../vault/seal";
import type { SignInLinkStore } from "./store";

/** Long enough for a slow mail server, short enough for a mailbox that somebody else looks into later. */
export const LINK_LIFETIME_MS = 10 * MINUTE_MS;

/** `id.secret`: a UUID v4 and 256 random bits in base64url; of a link for any browser 256 more follow. */
const TOKEN =
  /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{43}))?$/;

/** What a browser keeps never begins like this: a link that was asked for in a browser opens in that one alone. */
const ANY_BROWSER = "any browser:";

/** What the browser that asked keeps: which link it asked for, and what proves that it did. Opens nothing by itself. */
export type BrowserProof = { id: string; nonce: string };

export type IssuedLink = {
  /** What the link carries; in the mail, and nowhere else. */
  token: string;
  proof: BrowserProof;
  expiresAtMs: number;
};

/** Why a link opens nothing. */
export type LinkFault =
  /** It is not whole: no link of ours looks like that. */
  | "damaged"
  /** This browser did not ask for it, or has asked for another since. Says nothing about the link. */
  | "foreign"
  | "used"
  | "expired"
  /** It was never there, or a newer one took its place. */
  | "void";

export type LinkOpening = { outcome: "opened"; email: string } | { outcome: LinkFault };

export interface SignInLinks {
  /** Makes a link for a mailbox; its older ones are void. @throws UnavailableError */
  issue(email: string): Promise<IssuedLink>;

  /** As `issue`, but the link opens in any browser: for an operator who has the command line. @throws UnavailableError */
  issueForAnyBrowser(email: string): Promise<Omit<IssuedLink, "proof">>;

  /**
   * Uses a link, once, in the browser that asked for it.
   * @throws UnavailableError; the link is as good as before then
   */
  open(token: string, proof: BrowserProof | undefined): Promise<LinkOpening>;
}

type SignInLinksOptions = {
  store: SignInLinkStore;
  hashMailbox: (email: string) => Buffer;
  clock: Clock;
};

export function createSignInLinks({ store, hashMailbox, clock }: SignInLinksOptions): SignInLinks {
  const keep = async (email: string, browser: string) => {
    const { id, secret } = newToken();
    const issuedAtMs = clock();
    const expiresAtMs = issuedAtMs + LINK_LIFETIME_MS;
    await store.issue({
      id,
      mailboxHash: hashMailbox(email),
      secretHash: hashSecret(secret),
      browserHash: hashSecret(browser),
      sealedEmail: await sealOf(secret).seal(email, sealContext(id)),
      issuedAtMs,
      expiresAtMs,
    });
    return { id, token: `${id}.${secret}`, expiresAtMs };
  };
  return {
    async issue(email) {
      const nonce = newSecret();
      const { id, token, expiresAtMs } = await keep(email, nonce);
      return { token, proof: { id, nonce }, expiresAtMs };
    },
    async issueForAnyBrowser(email) {
      const nonce = newSecret();
      const { token, expiresAtMs } = await keep(email, ANY_BROWSER + nonce);
      return { token: `${token}.${nonce}`, expiresAtMs };
    },
    async open(token, proof) {
      const [, id, secret, nonce] = TOKEN.exec(token) ?? [];
      if (!id || !secret) return { outcome: "damaged" };
      if (!nonce && (proof?.id !== id || proof.nonce.startsWith(ANY_BROWSER))) return { outcome: "foreign" };
      const browser = nonce ? ANY_BROWSER + nonce : (proof?.nonce ?? "");
      const presented = { id, secretHash: hashSecret(secret), browserHash: hashSecret(browser) };
      const consumed = await store.consume(presented, clock());
      if (consumed.outcome === "unknown") return { outcome: "void" };
      if (consumed.outcome !== "opened") return consumed;
      return { outcome: "opened", email: await sealOf(secret).open(consumed.sealedEmail, sealContext(id)) };
    },
  };
}

/** The link's own secret is the key, so that only whoever has the link can read whose it is. */
const sealOf = (secret: string) => createTokenSeal([secret]);

const sealContext = (id: string) => ["sign-in link", id] as const;
