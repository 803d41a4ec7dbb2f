import { Authenticator } from "remix-auth";
import { Commerce7Strategy } from "./adapters/remix-auth-commerce7";
import { type MagicLinkMail, MagicLinkStrategy } from "./adapters/remix-auth-magic-link";
import { ClientNotInstalledError } from "./base/errors";
import type { Client } from "./clients/client-store";
import type { StaffMember } from "./commerce7/account";
import { sessionStorage } from "./session-storage.server";
import { wiring } from "./wiring.server";

/**
 * DOOR: the two ways to prove who one is, as remix-auth's strategies. What comes of it, an app session or an operator's, is
 * begun by `open.server.ts` and `sign-in.server.ts`.
 */

/** Under this key the cookie session keeps what proves that this browser asked for a link (as trigger.dev names it). */
export const MAGIC_LINK_KEY = "triggerdotdev:magiclink";

/** Where to go on once a link was asked for. */
export const PENDING_PATH = "/login?sent";

/** Commerce7 vouches for a staff member at a winery that has Libero. */
export type VouchedFor = { staff: StaffMember; client: Client };

/**
 * `authenticate("commerce7", request)`: who opens the app from the admin.
 * Throws Commerce7RefusedError, Commerce7UnreachableError, ClientNotInstalledError, UnavailableError.
 */
export function adminAuthenticator(): Authenticator<VouchedFor> {
  const { env, clients } = wiring();
  const strategy = new Commerce7Strategy<VouchedFor>(env.commerce7, async ({ tenantId, staff }) => {
    const client = await clients.findByTenant(tenantId);
    if (!client) throw new ClientNotInstalledError(`${tenantId} does not have Libero`);
    return { staff, client };
  });
  return new Authenticator<VouchedFor>().use(strategy);
}

/** The owner of a mailbox; whether they may do anything here is another question. */
export type MailboxOwner = { email: string };

/**
 * `authenticate("magic-link", request)`: asks for a link (POST) or opens it (GET).
 * Throws the redirect of who asked, MagicLinkError, UnavailableError.
 */
export function linkAuthenticator(sendEmail: (mail: MagicLinkMail) => void): Authenticator<MailboxOwner> {
  const { env, signInLinks } = wiring();
  const strategy = new MagicLinkStrategy<MailboxOwner>(
    {
      links: signInLinks,
      sessionStorage,
      sendEmail,
      callbackURL: new URL("/magic", env.appUrl).href,
      pendingPath: PENDING_PATH,
      sessionMagicLinkKey: MAGIC_LINK_KEY,
    },
    async ({ email }) => ({ email }),
  );
  return new Authenticator<MailboxOwner>().use(strategy);
}
