import type { SessionStorage } from "@remix-run/node";
import { Strategy } from "remix-auth/strategy";
import { z } from "zod";
import type { BrowserProof, LinkFault, SignInLinks } from "../sign-in-links/links";
import { mailboxSchema } from "../sign-in-links/mailbox";

/** Why nobody was signed in. The message is for whoever sits in front of the page. */
export class MagicLinkError extends Error {
  override name = "MagicLinkError";

  constructor(
    readonly fault: LinkFault | "bad-address",
    message: string,
  ) {
    super(message);
  }
}

export type MagicLinkMail = {
  emailAddress: string;
  /** The address to open: whoever has it, and the browser that asked, signs in. */
  magicLink: string;
  expiresAtMs: number;
  request: Request;
};

/** The names are those of remix-auth-email-link, where it has one. */
export type MagicLinkOptions = {
  /** Makes and opens links. */
  links: SignInLinks;
  /** Where the browser keeps what proves that it asked. */
  sessionStorage: Pick<SessionStorage, "getSession" | "commitSession">;
  /**
   * Sends the link, to whoever may have one. What it answers is waited for: to tell nobody by the time it takes whether
   * an address is known, send later.
   */
  sendEmail: (mail: MagicLinkMail) => void | Promise<void>;
  /** The address, with scheme and host, that the link opens. Never taken from a request, whose Host may be anybody's. */
  callbackURL: string;
  /** Where to go on once a link was asked for; the same for everybody. */
  pendingPath: string;
  emailField?: string;
  magicLinkSearchParam?: string;
  sessionMagicLinkKey?: string;
};

/** What `verify` gets: the owner of this mailbox, in lower case, opened the link in the browser that asked for it. */
export type MagicLinkVerified = { email: string; request: Request };

const proofSchema = z.object({ id: z.string().max(64), nonce: z.string().max(64) });

/**
 * remix-auth 4: signs in by a link that comes by e-mail. A POST with an address makes the link and throws the redirect to
 * `pendingPath`, with the cookie; a GET with the link's token answers what `verify` answers.
 *
 * The link works once, for ten minutes, and in the browser that asked for it alone. That browser's cookie session holds
 * the link's id and a nonce under `sessionMagicLinkKey`, and never the link: such a cookie is signed, not encrypted.
 * Throws `MagicLinkError`, and what the store and `verify` throw.
 */
export class MagicLinkStrategy<User> extends Strategy<User, MagicLinkVerified> {
  override name = "magic-link";
  readonly #options: Required<MagicLinkOptions>;

  constructor(options: MagicLinkOptions, verify: Strategy.VerifyFunction<User, MagicLinkVerified>) {
    super(verify);
    this.#options = {
      emailField: "email",
      magicLinkSearchParam: "token",
      sessionMagicLinkKey: "triggerdotdev:magiclink",
      ...options,
    };
  }

  override authenticate(request: Request): Promise<User> {
    return request.method === "POST" ? this.#ask(request) : this.#open(request);
  }

  async #ask(request: Request): Promise<never> {
    const { links, sendEmail, callbackURL, pendingPath, emailField, magicLinkSearchParam } = this.#options;
    const session = await this.#sessionOf(request);
    const form = await request.formData().catch(() => new FormData());
    const parsed = mailboxSchema.safeParse(form.get(emailField) ?? undefined);
    if (!parsed.success) throw new MagicLinkError("bad-address", parsed.error.issues[0]?.message ?? "");
    const { token, proof, expiresAtMs } = await links.issue(parsed.data);
    const link = new URL(callbackURL);
    link.searchParams.set(magicLinkSearchParam, token);
    await sendEmail({ emailAddress: parsed.data, magicLink: link.href, expiresAtMs, request });
    session.set(this.#options.sessionMagicLinkKey, proof);
    const setCookie = await this.#options.sessionStorage.commitSession(session);
    throw new Response(null, {
      status: 302,
      headers: { Location: pendingPath, "Set-Cookie": setCookie, "Cache-Control": "no-store" },
    });
  }

  async #open(request: Request): Promise<User> {
    const { links, magicLinkSearchParam, sessionMagicLinkKey } = this.#options;
    const token = new URL(request.url).searchParams.get(magicLinkSearchParam) ?? "";
    const session = await this.#sessionOf(request);
    const proof: BrowserProof | undefined = proofSchema.safeParse(session.get(sessionMagicLinkKey)).data;
    const opening = await links.open(token, proof);
    if (opening.outcome !== "opened") throw new MagicLinkError(opening.outcome, FAULTS[opening.outcome]);
    return this.verify({ email: opening.email, request });
  }

  #sessionOf(request: Request) {
    return this.#options.sessionStorage.getSession(request.headers.get("Cookie"));
  }
}

const FAULTS: Record<LinkFault, string> = {
  damaged: "this is no whole link: copy it again, to its last character",
  foreign:
    "this browser did not ask for this link, or asked for a newer one: open the newest, where you asked for it",
  used: "this link was used: ask for a new one",
  expired: "this link is too old: ask for a new one",
  void: "this link opens nothing any more: ask for a new one",
};
