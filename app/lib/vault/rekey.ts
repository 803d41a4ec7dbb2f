import { ConfigurationError } from "../base/errors";
import { SealBrokenError, type SealContext, type TokenSeal } from "./seal";

/** Something sealed, and where it belongs. */
export type SealedValue = { readonly sealed: string; readonly context: SealContext };

/** A row that holds sealed values, as it was when it was read. */
export type SealedRow = { readonly key: string; readonly values: readonly SealedValue[] };

/** What a table with sealed values offers, so that its keys can be replaced while everybody goes on using it. */
export interface SealedStore {
  /** As an operator reads it, in the plural: "Shopify sessions". */
  readonly kind: string;

  /** How many rows each key sealed, by the key's id. */
  keysInUse(): Promise<Record<string, number>>;

  /** Up to `limit` rows that another key than this one sealed, in the order of `key`, from behind `after` on. */
  batch(keyId: string, after: string | undefined, limit: number): Promise<SealedRow[]>;

  /**
   * Puts in place of each value the same one sealed anew, and changes nothing where the row holds anything but what was
   * read: a token that was stored meanwhile is newer. @returns whether it did
   */
  replace(row: SealedRow, resealed: readonly string[], keyId: string): Promise<boolean>;
}

/** What came of one kind. Rows are counted, never shown. */
export type Rekeyed = {
  kind: string;
  /** Sealed with the first key now; in a dry run, that would be. */
  resealed: number;
  /** Somebody stored or deleted them meanwhile, so there was nothing to do. */
  overtaken: number;
  /** They open with none of the keys: they were changed, or belong somewhere else. */
  broken: number;
  /** Their key is not among the keys. */
  keyMissing: number;
  /** How many rows each key seals afterwards. */
  keys: { keyId: string; rows: number }[];
};

const BATCH = 100;

/**
 * Seals with the first key whatever another key sealed. It may be stopped at any time and called again: what is done
 * stays done.
 * @throws UnavailableError where the database does not answer
 */
export async function rekeyAll(
  seal: TokenSeal,
  stores: readonly SealedStore[],
  { dryRun = false } = {},
): Promise<Rekeyed[]> {
  const reports: Rekeyed[] = [];
  for (const store of stores) reports.push(await rekey(seal, store, dryRun));
  return reports;
}

async function rekey(seal: TokenSeal, store: SealedStore, dryRun: boolean): Promise<Rekeyed> {
  const counts = { resealed: 0, overtaken: 0, broken: 0, keyMissing: 0 };
  let after: string | undefined;
  for (;;) {
    const rows = await store.batch(seal.keyId, after, BATCH);
    for (const row of rows) counts[await rekeyRow(seal, store, row, dryRun)] += 1;
    after = rows.at(-1)?.key;
    if (rows.length < BATCH) break;
  }
  const inUse = Object.entries(await store.keysInUse());
  return { kind: store.kind, ...counts, keys: inUse.map(([keyId, rows]) => ({ keyId, rows })) };
}

type Outcome = "resealed" | "overtaken" | "broken" | "keyMissing";

async function rekeyRow(
  seal: TokenSeal,
  store: SealedStore,
  row: SealedRow,
  dryRun: boolean,
): Promise<Outcome> {
  const resealed: string[] = [];
  try {
    for (const { sealed, context } of row.values) {
      resealed.push(await seal.seal(await seal.open(sealed, context), context));
    }
  } catch (error) {
    if (error instanceof SealBrokenError) return "broken";
    if (error instanceof ConfigurationError) return "keyMissing";
    throw error;
  }
  if (dryRun) return "resealed";
  return (await store.replace(row, resealed, seal.keyId)) ? "resealed" : "overtaken";
}
