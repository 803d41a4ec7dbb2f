import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import PostalMime, { type Address } from "postal-mime";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { urlHost } from "./options";

const keptMails = 50;
const mostBytes = 1_000_000;

/** A mail that was received; `time` is when (ISO, UTC). Addresses are as the headers have them. */
export type ReceivedMail = {
  id: string;
  time: string;
  from: string;
  to: string;
  subject: string;
  /** Absent where the mail has only the other part. */
  text?: string;
  html?: string;
};

export type Mailbox = {
  /** Where mails are taken in, such as `smtp://127.0.0.1:4025`; any name and password will do. */
  smtpUrl: string;
  /** The last 50, newest first. They live in memory alone: they hold links that sign people in. */
  mails(): ReceivedMail[];
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
};

/** Starts an SMTP server that delivers to nobody: whatever it is handed can be read here. */
export async function startMailbox(host: string): Promise<Mailbox> {
  let mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: mostBytes,
    closeTimeout: 200,
    logger: false,
    onData(stream, _session, done) {
      receive(stream).then((mail) => {
        mails = [mail, ...mails].slice(0, keptMails);
        done();
      }, done);
    },
  });
  // A client that breaks off is its own affair.
  server.on("error", () => {});
  server.listen(0, host);
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    smtpUrl: `smtp://${urlHost(host)}:${port}`,
    mails: () => [...mails],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function receive(stream: SMTPServerDataStream): Promise<ReceivedMail> {
  const raw = await buffer(stream);
  if (stream.sizeExceeded) {
    throw Object.assign(new Error(`The sandbox takes mails of up to ${mostBytes} bytes.`), {
      responseCode: 552,
    });
  }
  const { from, to = [], subject, text, html } = await PostalMime.parse(raw);
  return {
    id: randomUUID(),
    time: new Date().toISOString(),
    from: written(from ? [from] : []),
    to: written(to),
    subject: subject ?? "",
    text,
    html,
  };
}

const written = (addresses: Address[]): string =>
  addresses
    .map(({ name, address }) => (name && address ? `${name} <${address}>` : (address ?? name)))
    .join(", ");
