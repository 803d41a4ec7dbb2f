import { createTransport } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import SMTPTransport from "nodemailer/lib/smtp-transport";
import { z } from "zod";
import { SECOND_MS } from "../base/durations";
import { UnavailableError } from "../base/errors";

/** One mail to one person. */
export type Mail = {
  /** One address, without a name. */
  to: string;
  subject: string;
  text: string;
  html?: string;
};

export interface Mailer {
  /**
   * Hands the mail to the server, and waits until it has taken it.
   * @throws UnavailableError where the server does not answer in time, or does not take it. It names the server, and
   * neither its credentials nor whom the mail is for.
   * @throws TypeError where `to` is not one address
   */
  send(mail: Mail): Promise<void>;

  /**
   * Connects, takes TLS and signs in as for a mail, and sends none.
   * @throws UnavailableError likewise
   */
  verify(): Promise<void>;

  /** Mails under way are sent first. */
  close(): Promise<void>;
}

type MailerOptions = {
  /**
   * As nodemailer reads it: `smtp://user:password@host:587` takes TLS where the server offers it, `smtps://…:465` begins with it.
   * Options follow a question mark: `?requireTLS=true`.
   */
  smtpUrl: string;
  /** An address, with a name or without. */
  from: string;
  /** How long the server may be silent at each step; a mail may take four times as long in all. */
  timeoutMs?: number;
};

/** What browsers accept as an address, at the length that SMTP carries (RFC 5321, 4.5.3.1). */
const oneAddress = z.email({ pattern: z.regexes.html5Email }).max(254);

/** Sends mails over SMTP, by a connection each: sign-in links are rare. Nothing connects before the first. */
export function createMailer({ smtpUrl, from, timeoutMs = 5 * SECOND_MS }: MailerOptions): Mailer {
  const { hostname, username } = new URL(smtpUrl);
  const smtp = new SMTPTransport({
    // An attacker in between could also make the server offer no TLS (RFC 8314, 5.2).
    requireTLS: smtpUrl.startsWith("smtp:") && username !== "" && !isLoopback(hostname),
    connectionTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: timeoutMs,
    url: smtpUrl,
  });
  // RFC 3834: no automatic reply comes back.
  const transport = createTransport(smtp, { from, headers: { "Auto-Submitted": "auto-generated" } });
  const underWay = new Set<Promise<unknown>>();

  async function send({ to, subject, text, html }: Mail): Promise<void> {
    if (!oneAddress.safeParse(to).success) throw new TypeError("a mail goes to exactly one address");
    const signal = AbortSignal.timeout(4 * timeoutMs);
    try {
      await transport.sendMail({ to: { name: "", address: to }, subject, text, html, signal });
    } catch (error) {
      // Not as its cause: servers repeat the recipient in what they say.
      throw new UnavailableError(`the mail server ${hostname} ${faultOf(error, "mail")}`);
    }
  }

  async function verify(): Promise<void> {
    try {
      await signIn(smtp, AbortSignal.timeout(4 * timeoutMs));
    } catch (error) {
      throw new UnavailableError(`the mail server ${hostname} ${faultOf(error, "sign-in")}`);
    }
  }

  return {
    verify,
    send(mail) {
      const sending = send(mail).finally(() => underWay.delete(sending));
      underWay.add(sending);
      return sending;
    },
    async close() {
      await Promise.allSettled(underWay);
      transport.close();
    },
  };
}

const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** nodemailer's own `verify` cannot be aborted, and a server that never stops talking would keep its connection open. */
async function signIn(smtp: SMTPTransport, signal: AbortSignal): Promise<void> {
  const connection = new SMTPConnection(smtp.options);
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject({ code: "ETIMEDOUT" }));
      connection.on("error", reject);
      connection.once("end", () => reject({ code: "ECONNRESET" }));
      connection.connect((error) => {
        const auth = smtp.getAuth({});
        if (error) reject(error);
        else if (auth && connection.allowsAuth)
          connection.login(auth, (refusal) => (refusal ? reject(refusal) : resolve()));
        else resolve();
      });
    });
  } finally {
    connection.close();
  }
}

/** What an SMTP server's answer was, without its words: its code, and the enhanced one (RFC 3463) where it gives one. */
function faultOf(error: unknown, what: "mail" | "sign-in"): string {
  const { code, originalCode, command, response, responseCode } = error as { [field: string]: unknown };
  if (!responseCode) return `does not take the ${what} (${originalCode ?? code})`;
  const [enhanced] = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(String(response)) ?? [];
  return `refused the ${what} at ${command} (${[responseCode, enhanced].filter(Boolean).join(" ")})`;
}
