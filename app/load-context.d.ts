import "@remix-run/node";

declare module "@remix-run/node" {
  /** What the server hands to every loader and action. */
  interface AppLoadContext {
    /** Of this answer's Content-Security-Policy. */
    nonce?: string;
    /** The visitor's network address, as far as `TRUST_PROXY` lets it be known; no header by itself changes it. */
    address?: string;
  }
}
