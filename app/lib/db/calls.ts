import { SECOND_MS } from "../base/durations";
import type { CallArguments, CallOptions, Database } from "./database";

/** What somebody waits for who looks at a page: whatever takes longer counts as no answer. */
export const LOOK_UP = { timeoutMs: 2 * SECOND_MS, readOnly: true };

/** Milliseconds since the epoch as calls take instants, and as answers bring them. */
export const iso = (ms: number) => new Date(ms).toISOString();
export const ms = (instant: string | Date) => new Date(instant).getTime();

/** Calls a function that answers one value. @returns the value; undefined where there is no row */
export async function scalar(db: Database, name: string, args: CallArguments, options?: CallOptions) {
  return (await db.call(name, args, options))[0]?.[name];
}
