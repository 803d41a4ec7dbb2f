import type { Clock } from "../base/clock";
import { ENTRY_MS } from "./redis-stamps";

/** More than a quarter of an hour's sign-ins at a busy instance. */
const MOST = 100_000;

/** The marks that this instance has left on scopes, for as long as an entry may live that is older than they are. */
export function createMarks(monotonic: Clock) {
  const marks = new Map<string, { stamp: number; atMs: number }>();
  return {
    /** The scope's mark; 0 where there is none. */
    newest: (scope: string) => marks.get(scope)?.stamp ?? 0,

    /** @returns false where there were too many, and all are forgotten */
    keep(scope: string, stamp: number): boolean {
      const atMs = monotonic();
      marks.delete(scope);
      marks.set(scope, { stamp, atMs });
      // The oldest come first.
      for (const [old, mark] of marks) {
        if (atMs - mark.atMs < ENTRY_MS) break;
        marks.delete(old);
      }
      if (marks.size <= MOST) return true;
      marks.clear();
      return false;
    },
  };
}
