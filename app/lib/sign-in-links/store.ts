/** A link as it is kept: hashes of what opens it, and the address for whoever opens it. */
export type KeptLink = {
  /** UUID v4. Names the link; does not open it. */
  id: string;
  /** HMAC of the address: tells mailboxes apart, and not whose they are. */
  mailboxHash: Buffer;
  /** SHA-256 of the secret in the link. */
  secretHash: Buffer;
  /** SHA-256 of what the browser that asked has in its cookie. */
  browserHash: Buffer;
  /** The address, readable with the link's secret alone. */
  sealedEmail: string;
  issuedAtMs: number;
  expiresAtMs: number;
};

export type Consumption =
  | { outcome: "opened"; sealedEmail: string }
  /** Told only to who presents the right secret from the right browser. */
  | { outcome: "used" | "expired" }
  /** Never issued, replaced by a newer one, gone since; or the secret or the browser is another. */
  | { outcome: "unknown" };

/** Where links are kept. `tests/contract/sign-in-links.ts` holds every store to these comments. */
export interface SignInLinkStore {
  /**
   * Keeps a link, in place of the same mailbox's older one: that opens nothing from then on. Of two at once, one is left.
   * @throws UnavailableError
   */
  issue(link: KeptLink): Promise<void>;

  /**
   * Uses a link. However many try at once, one succeeds. A wrong secret or browser uses nothing up.
   * @param nowMs the app's clock
   * @throws UnavailableError
   */
  consume(
    presented: Pick<KeptLink, "id" | "secretHash" | "browserHash">,
    nowMs: number,
  ): Promise<Consumption>;
}
