import type { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { z } from "zod";
import type { Logger } from "../base/logger";
import { isStorable } from "../base/text";
import type { Database, Row } from "../db/database";
import { SealBrokenError, type TokenSeal } from "../vault/seal";
import { openSession, sealSession } from "./shopify-sealed-sessions";

type ShopifySessionsOptions = {
  db: Database;
  seal: TokenSeal;
  /** Told of sessions whose seal is broken; never of a token. */
  logger: Pick<Logger, "warn">;
};

const name = z.string().max(512).refine(isStorable, "has characters that PostgreSQL cannot hold");
const token = z.string().nullish();

/** What has a column of its own has to fit it. What else a session has is kept as it is. */
const sessionSchema = z.object({
  id: name,
  shop: name,
  isOnline: z.boolean(),
  accessToken: token,
  refreshToken: token,
  expires: z.custom<Date | null | undefined>((value) => value == null || value instanceof Date, "is no Date"),
});

/**
 * Shopify's sessions, online and offline, in the database, with everything in them sealed that opens a shop or names a person.
 *
 * Shopify's interface leaves open what its booleans mean. Here `true` says that it is done, and written; `false` is never
 * answered. Whatever is not done is thrown, by every method: UnavailableError where the database does not answer,
 * ConfigurationError where a key or a migration is missing.
 * @see node_modules/@shopify/shopify-app-session-storage/dist/ts/types.d.ts
 */
export class LiberoShopifySessionStorage implements SessionStorage {
  readonly #db: Database;
  readonly #seal: TokenSeal;
  readonly #logger: ShopifySessionsOptions["logger"];

  constructor({ db, seal, logger }: ShopifySessionsOptions) {
    this.#db = db;
    this.#seal = seal;
    this.#logger = logger;
  }

  /**
   * Keeps the session as it is now, whole, in place of whatever has its id: of several at the same time, the last one.
   * @throws TypeError for what is no session
   */
  async storeSession(session: Session): Promise<true> {
    const { error } = sessionSchema.safeParse(session);
    if (error) throw new TypeError(`this is no Shopify session to store: ${faultsOf(error)}`);
    const sealed = await sealSession(this.#seal, session);
    await this.#db.call("store_shopify_session", {
      p_id: session.id,
      p_shop: session.shop,
      p_is_online: session.isOnline,
      p_expires_ms: millisecondsOf(session.expires),
      p_access_token: sealed.access_token,
      p_refresh_token: sealed.refresh_token,
      p_session: sealed.session,
      p_key_id: this.#seal.keyId,
    });
    return true;
  }

  /** @returns an object of its own at each call; undefined where there is none, or none that opens */
  async loadSession(id: string): Promise<Session | undefined> {
    if (!isName(id)) return undefined;
    const [row] = await this.#db.call("find_shopify_session", { p_id: id }, { readOnly: true });
    return row && this.#open(row);
  }

  /** @returns true, whether there was such a session or not */
  deleteSession(id: string): Promise<true> {
    return this.deleteSessions([id]);
  }

  /** All in one statement. @returns true, whether there were such sessions or not */
  async deleteSessions(ids: string[]): Promise<true> {
    await this.#db.call("delete_shopify_sessions", { p_ids: ids.filter(isName) });
    return true;
  }

  /** @returns all of them, expired ones too, in the order in which they were stored first */
  async findSessionsByShop(shop: string): Promise<Session[]> {
    if (!isName(shop)) return [];
    const args = { p_shop: shop };
    const [found] = await this.#db.call("find_shopify_sessions_of_shop", args, { readOnly: true });
    const rows: Row[] = found?.sessions ?? [];
    const sessions = await Promise.all(rows.map((row) => this.#open(row)));
    return sessions.filter((session) => session !== undefined);
  }

  /** Without a session Shopify's libraries authenticate anew, which mends it; a fault would keep the shop out for good. */
  async #open(row: Row): Promise<Session | undefined> {
    try {
      const properties = await openSession(this.#seal, row);
      // Shopify's library is large, and only those who use it wait for it.
      const { Session } = await import("@shopify/shopify-api");
      return new Session(properties as unknown as Session);
    } catch (error) {
      if (!(error instanceof SealBrokenError)) throw error;
      this.#logger.warn(
        { shop: row.shop, id: row.id, reason: error.message },
        "a Shopify session does not open",
      );
      return undefined;
    }
  }
}

const isName = (text: unknown): text is string => name.safeParse(text).success;

const faultsOf = ({ issues }: z.ZodError) =>
  issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ");

/** For the copy beside what is sealed: null for never and for a date that is none, and PostgreSQL's time begins late. */
function millisecondsOf(date: Date | null | undefined): number | null {
  const ms = date?.getTime() ?? Number.NaN;
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}
