import { type AppLoadContext, redirect } from "@remix-run/node";
import { MagicLinkError, type MagicLinkMail } from "./adapters/remix-auth-magic-link";
import { linkAuthenticator, PENDING_PATH } from "./auth.server";
import { messageOf } from "./base/errors";
import { deviceOf } from "./device.server";
import { addressOf } from "./rate-limits.server";
import { commitSession, getUserSession } from "./session-storage.server";
import { writeLinkMail } from "./sign-in-links/mail";
import { mailboxSchema } from "./sign-in-links/mailbox";
import { rightsOf } from "./sign-in-rights.server";
import { wiring } from "./wiring.server";

/** DOOR: asking for a link to sign in with. What it opens is in `magic-link.server.ts`. */

/** Whether mail is set up, so that links can be asked for. */
export const offersLinks = (): boolean => wiring().mailer !== undefined;

export type LinkRequest =
  | { outcome: "bad-address"; email: string; fault: string }
  /** This address has asked too often. */
  | { outcome: "too-many"; retryAfterSeconds: number }
  | { outcome: "no-mail" };

/**
 * Asks for a link, for whatever address was typed: known or not, the same is counted, kept and answered, and whether a
 * mail goes out is found out once the answer is on its way (ASVS 5.0, 6.3.8).
 * @throws the redirect to the page that says so, with the cookie; UnavailableError
 */
export async function askForLink(request: Request, context: AppLoadContext): Promise<LinkRequest> {
  if (!offersLinks()) return { outcome: "no-mail" };
  const form = await request
    .clone()
    .formData()
    .catch(() => new FormData());
  const typed = form.get("email");
  const mailbox = mailboxSchema.safeParse(typed ?? undefined).data;
  const { rateLimits, logRefusal } = wiring();
  const address = addressOf(context);
  const verdict = await rateLimits.admit("links", address);
  if (!verdict.allowed) {
    logRefusal({ what: "sign-in", reason: "too-many", address });
    return { outcome: "too-many", retryAfterSeconds: verdict.retryAfterSeconds };
  }
  if (mailbox !== undefined && !(await rateLimits.admitMail(mailbox, address)).allowed) {
    // Answered as ever; a link that was sent stays good.
    logRefusal({ what: "sign-in", reason: "mails to this mailbox", address });
    const session = await getUserSession(request);
    throw redirect(PENDING_PATH, {
      headers: { "Set-Cookie": await commitSession(session), "Cache-Control": "no-store" },
    });
  }

  const sendLater = (mail: MagicLinkMail) =>
    wiring().afterwards.run("a link to sign in with", async () => {
      await context.whenAnswered?.();
      await sendIfKnown(mail, context.address);
    });
  try {
    await linkAuthenticator(sendLater).authenticate("magic-link", request);
  } catch (error) {
    if (!(error instanceof MagicLinkError)) throw error;
    return { outcome: "bad-address", email: String(typed ?? ""), fault: error.message };
  }
  throw new Error("a link was asked for and nothing was answered");
}

/** Fails quietly: nobody waits for it but the log, which knows the mailbox by its hash alone. */
async function sendIfKnown(mail: MagicLinkMail, address: string | undefined): Promise<void> {
  const { emailAddress, magicLink, request } = mail;
  const { mailer, logger, env, hashMailbox } = wiring();
  const mailbox = hashMailbox(emailAddress).toString("base64url").slice(0, 22);
  try {
    const rights = await rightsOf(emailAddress);
    if (rights.length === 0) {
      logger.info({ mailbox }, "a link was asked for by somebody who is not known: none was sent");
      return;
    }
    const { origin } = env.appUrl;
    const written = writeLinkMail({ link: magicLink, origin, device: deviceOf(request), address });
    await mailer?.send({ to: emailAddress, ...written });
    logger.info({ mailbox }, "a link to sign in with was sent");
  } catch (error) {
    logger.error({ mailbox, reason: messageOf(error) }, "a link to sign in with was not sent");
  }
}
