import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A real SMTP server on loopback, which keeps what it receives. */
export type Smtp = {
  /** For `SMTP_URL`. */
  url: string;
  /** Everything received so far, the oldest first. */
  mails: Email[];
  /** The newest mail to this address, as soon as there is one more than `seen`. Waits up to 10 s. */
  mailTo(address: string, seen?: number): Promise<Email>;
  /** How many mails this address got. */
  countTo(address: string): number;
  /** Refuses every recipient with this reply from now on; undefined: takes them again. */
  refuse(reply: string | undefined): void;
  /** Keeps every mail waiting for its reply, until the answer is called. */
  hold(): () => void;
  close(): Promise<void>;
};

export async function startSmtp(): Promise<Smtp> {
  const mails: Email[] = [];
  let refusal: string | undefined;
  let held: Promise<void> = Promise.resolve();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo: (_address, _session, done) => done(refusal === undefined ? null : new Error(refusal)),
    onData(stream, _session, done) {
      buffer(stream)
        .then((raw) => PostalMime.parse(raw))
        .then(async (mail) => {
          await held;
          mails.push(mail);
          done();
        }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  const to = (address: string) => mails.filter((mail) => mail.to?.some((one) => one.address === address));
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    countTo: (address) => to(address).length,
    async mailTo(address, seen = 0) {
      const deadline = Date.now() + 10_000;
      while (to(address).length <= seen) {
        if (Date.now() > deadline) throw new Error(`no mail to ${address} came in 10 s`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return to(address).at(-1) as Email;
    },
    refuse(reply) {
      refusal = reply;
    },
    hold() {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The first address with a token in a mail's text. */
export function linkIn({ text = "" }: Email): URL {
  const [link] = /https?:\/\/\S+\?token=\S+/.exec(text) ?? [];
  if (!link) throw new Error(`the mail has no link:\n${text}`);
  return new URL(link);
}
