import { createHmac } from "node:crypto";
import { z } from "zod";

/** An address as it is compared, counted and kept: in lower case. RFC 5321, 4.5.3.1.3: 254 characters at most. */
export const mailboxSchema = z
  .string({ error: "Enter your e-mail address." })
  .trim()
  .toLowerCase()
  .max(254, { error: "Enter an e-mail address of at most 254 characters." })
  .pipe(z.email({ error: "Enter an e-mail address, like jason@example.com." }));

/**
 * Makes the name by which a mailbox is known where its address must not stand (ASVS 5.0, 16.2.5): there are few enough
 * addresses to try them all, so that a hash without a key would hide nothing.
 * @param secret of the app; with another one, mailboxes have other names
 */
export function createMailboxHash(secret: string): (email: string) => Buffer {
  const key = createHmac("sha256", secret).update("libero mailbox").digest();
  return (email) => createHmac("sha256", key).update(email).digest();
}
