import { createAfterwards } from "../base/afterwards";
import type { Clock } from "../base/clock";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import type { Env } from "../env.server";
import { createMailer } from "../mail/mailer";
import { createSignInLinks } from "../sign-in-links/links";
import { createMailboxHash } from "../sign-in-links/mailbox";
import { createSqlSignInLinkStore } from "../sign-in-links/sql-store";
import { createSqlStaffDirectory } from "../staff/sql-staff-directory";

import { openCookieSessions } from "./sessions";

type SignInRooms = { db: Database; logger: Logger; clock: Clock };

/** Links to sign in with, whom they reach, the mail that carries them, and the work that answers do not wait for. */
export function openSignIn(env: Env, { db, logger, clock }: SignInRooms) {
  const hashMailbox = createMailboxHash(env.sessionSecrets[0] as string);
  const mailer = env.mail && createMailer(env.mail);
  const afterwards = createAfterwards(logger);
  return {
    hashMailbox,
    cookieSessions: openCookieSessions(env),
    staff: createSqlStaffDirectory(db),
    signInLinks: createSignInLinks({ store: createSqlSignInLinkStore(db), hashMailbox, clock }),
    /** Undefined where no server is named: no mail goes out. */
    mailer,
    afterwards,
    /** Sends what was promised. */
    async finishLinks() {
      await afterwards.settled();
      await mailer?.close();
    },
  };
}
