import "@remix-run/node";

declare module "@remix-run/node" {
  /** What the server hands to every loader and action. */
  interface AppLoadContext {
    /** Of this answer's Content-Security-Policy. */
    nonce?: string;
    /** The visitor's network address, as far as `TRUST_PROXY` lets it be known; no header by itself changes it. */
    address?: string;
    /** Whether a script asks for a page's data alone. */
    isDataRequest?: boolean;
    /** Whether the page may load the platform's script; its policy says the same. */
    loadsPlatformScript?: boolean;
    /** When the answer has been sent, or nobody is there any more to send it to. */
    whenAnswered?: () => Promise<void>;
  }
}
