import type { Updates } from "../../sql/measures";

/** A system whose sessions are used and begun, as its own users have it do that. */
export type Writer = {
  name: string;
  ours: boolean;
  /** Whether it writes a session once for all its uses of about a second. */
  gathers: boolean;
  /** Has uses kept for about so long. */
  touchFor(forMs: number): Promise<Touched>;
  /** Has one use of each session kept. */
  touchAllOnce?(): Promise<void>;
  /** Begins a session, of another browser than before. */
  signIn?: { name: string; call(): Promise<unknown> };
  /** Closes its connections. @returns what was updated, where it keeps sessions in a table */
  finish(): Promise<Updates | undefined>;
  drop(): Promise<void>;
};

/** Until the last of them was written. */
export type Touched = {
  /** Uses that were kept. */
  uses: number;
  elapsedMs: number;
  /** How long after the last use it was written. */
  behindMs: number;
};

/** Requests under way at a time. */
export const CONCURRENCY = 32;
