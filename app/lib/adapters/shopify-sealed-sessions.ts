import type { Session } from "@shopify/shopify-api";
import { scalar } from "../db/calls";
import type { Database, Row } from "../db/database";
import type { SealedRow, SealedStore } from "../vault/rekey";
import type { SealContext, TokenSeal } from "../vault/seal";

/** How a session of Shopify lies in its row: the two tokens, and everything else, each sealed for itself. */

const PURPOSES = {
  access_token: "shopify access token",
  refresh_token: "shopify refresh token",
  session: "shopify session",
} as const;

type Column = keyof typeof PURPOSES;
const COLUMNS = Object.keys(PURPOSES) as Column[];

/** Nothing opens at another shop, in another session, or in another column. */
const contextOf = (column: Column, { shop, id }: Row): SealContext => [PURPOSES[column], shop, id];

/** A session's properties by name; own ones alone, as Shopify's class keeps them. */
export type Properties = Record<string, unknown>;

export async function sealSession(seal: TokenSeal, session: Session): Promise<Record<Column, string | null>> {
  const { accessToken, refreshToken, ...others } = session;
  const sealed = (column: Column, text: string) => seal.seal(text, contextOf(column, session));
  // An empty token is no token, and comes back as it was.
  const rest = { ...others, ...(!accessToken && { accessToken }), ...(!refreshToken && { refreshToken }) };
  return {
    access_token: accessToken ? await sealed("access_token", accessToken) : null,
    refresh_token: refreshToken ? await sealed("refresh_token", refreshToken) : null,
    session: await sealed("session", toText(rest)),
  };
}

/** @throws SealBrokenError, ConfigurationError as `TokenSeal.open` */
export async function openSession(seal: TokenSeal, row: Row): Promise<Properties> {
  const opened = async (column: Column) => row[column] && seal.open(row[column], contextOf(column, row));
  const [accessToken, refreshToken, rest] = await Promise.all(COLUMNS.map(opened));
  return {
    ...fromText(rest),
    ...(accessToken && { accessToken }),
    ...(refreshToken && { refreshToken }),
  };
}

/** JSON has no dates; what is one is named, so that those of later versions come back as well. */
function toText(properties: Properties): string {
  const dates = Object.entries(properties).filter(([, value]) => value instanceof Date);
  return JSON.stringify({
    properties,
    datesMs: Object.fromEntries(dates.map(([name, date]) => [name, (date as Date).getTime()])),
  });
}

function fromText(text: string): Properties {
  const { properties, datesMs } = JSON.parse(text) as {
    properties: Properties;
    datesMs: Record<string, number | null>;
  };
  // A date that is none has no milliseconds.
  const dates = Object.entries(datesMs).map(([name, ms]) => [name, new Date(ms ?? Number.NaN)]);
  return { ...properties, ...Object.fromEntries(dates) };
}

/** For `rekey`. */
export function createSealedShopifySessions(db: Database): SealedStore {
  return {
    kind: "Shopify sessions",
    async keysInUse() {
      const rows = await db.call("count_shopify_session_keys", {}, { readOnly: true });
      return Object.fromEntries(rows.map(({ key_id, sessions }) => [key_id, Number(sessions)]));
    },
    async batch(keyId, after, limit) {
      const args = { p_key_id: keyId, p_after: after ?? null, p_limit: limit };
      const rows = await db.call("list_shopify_sessions_to_rekey", args, { readOnly: true });
      return rows.map(toSealedRow);
    },
    async replace({ key, values }, resealed, keyId) {
      const column = (name: Column) =>
        values.findIndex(({ context: [purpose] }) => purpose === PURPOSES[name]);
      const replaced = await scalar(db, "rekey_shopify_session", {
        p_id: key,
        p_seen: values[column("session")]?.sealed ?? "",
        p_access_token: resealed[column("access_token")] ?? null,
        p_refresh_token: resealed[column("refresh_token")] ?? null,
        p_session: resealed[column("session")] ?? "",
        p_key_id: keyId,
      });
      return replaced === true;
    },
  };
}

function toSealedRow(row: Row): SealedRow {
  const values = COLUMNS.filter((column) => row[column] !== null);
  return {
    key: row.id,
    values: values.map((column) => ({ sealed: row[column], context: contextOf(column, row) })),
  };
}
