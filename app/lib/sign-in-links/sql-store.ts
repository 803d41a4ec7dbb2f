import { iso } from "../db/calls";
import type { Database } from "../db/database";
import type { SignInLinkStore } from "./store";

/** Links in the database's functions, over whichever wire. */
export function createSqlSignInLinkStore(db: Database): SignInLinkStore {
  return {
    async issue(link) {
      await db.call("issue_sign_in_link", {
        p_mailbox_hash: link.mailboxHash.toString("hex"),
        p_id: link.id,
        p_secret_hash: link.secretHash.toString("hex"),
        p_browser_hash: link.browserHash.toString("hex"),
        p_sealed_email: link.sealedEmail,
        p_issued_at: iso(link.issuedAtMs),
        p_expires_at: iso(link.expiresAtMs),
      });
    },
    async consume({ id, secretHash, browserHash }, nowMs) {
      const [row] = await db.call("consume_sign_in_link", {
        p_id: id,
        p_secret_hash: secretHash.toString("hex"),
        p_browser_hash: browserHash.toString("hex"),
        p_now: iso(nowMs),
      });
      if (!row) return { outcome: "unknown" };
      return row.outcome === "opened"
        ? { outcome: "opened", sealedEmail: row.sealed_email }
        : { outcome: row.outcome };
    },
  };
}
