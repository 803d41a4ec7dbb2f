import type { AppLoadContext } from "@remix-run/node";
import type { Doer, Errand, Verdict } from "./rate-limits/limits";
import { wiring } from "./wiring.server";

/** DOOR: how often somebody may sign in, install, ask for a link, and fail. */

/**
 * Counts an attempt before anything is done for it.
 * @returns whether it may go on; where not, when it may be tried again
 */
export const admit = (errand: Errand, doer: Doer): Promise<Verdict> =>
  wiring().rateLimits.admit(errand, doer);

/** Counts an attempt that did not prove who it is. */
export const noteFailure = (doer: Doer): Promise<void> => wiring().rateLimits.noteFailure(doer);

/** Where a request comes from. Whoever has no address, since the connection is gone, is counted together. */
export const addressOf = (context: AppLoadContext): string => context.address ?? "unknown";
